using System.Runtime.Intrinsics;
using Stemma.Text.Corpora.Dotnet;

namespace Stemma.Curation;

/// <summary>
/// Tells languages apart by the runs of one, two and three letters that each prefers (Cavnar and Trenkle 1994; the likelihoods of
/// Dunning 1994). Trained on the messages that the .NET SDK carries in fourteen languages.
/// </summary>
internal sealed class LanguageIdentifier
{
    private const int Buckets = 1 << 16, Lanes = 16, Longest = 3, TrainingCharacters = 600_000;
    private const double Unseen = 0.5;

    private readonly float[] _scores;

    private LanguageIdentifier(IReadOnlyList<string> languages, float[] scores) => (Languages, _scores) = (languages, scores);

    /// <summary>What it knows, by the names of .NET: <c>en</c>, <c>pt-BR</c>, <c>zh-Hans</c>.</summary>
    public IReadOnlyList<string> Languages { get; }

    /// <summary>Learns from messages: of each language so many characters, chosen by a hash of what they say.</summary>
    public static LanguageIdentifier Train(IEnumerable<TranslatedMessage> messages) => Train(
        messages.GroupBy(message => message.Language).SelectMany(group => Chosen(group.OrderBy(KeyOf).ThenBy(message => message.Text, StringComparer.Ordinal))));

    /// <summary>A number for what a message says, the same in every language.</summary>
    public static ulong KeyOf(TranslatedMessage message)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in message.Key) hash = (hash ^ letter) * 1099511628211UL;
        return Words.Mix(hash);
    }

    /// <summary>Learns from texts whose language is known.</summary>
    public static LanguageIdentifier Train(IEnumerable<(string Language, string Text)> texts)
    {
        var languages = new SortedDictionary<string, (long[][] Counts, long[] Totals)>(StringComparer.Ordinal);
        foreach (var (language, text) in texts)
        {
            if (!languages.TryGetValue(language, out var known)) languages[language] = known = ([.. Enumerable.Range(0, Longest).Select(_ => new long[Buckets])], new long[Longest]);
            foreach (var (bucket, length) in Runs(text, text.Length))
            {
                known.Counts[length - 1][bucket]++;
                known.Totals[length - 1]++;
            }
        }

        if (languages.Count is < 2 or > Lanes) throw new ConfigurationException($"Telling languages apart needs texts of 2 to {Lanes} languages, not of {languages.Count}.");
        var scores = new float[Buckets * Lanes];
        foreach (var (lane, (_, (counts, totals))) in languages.Index())
            for (var bucket = 0; bucket < Buckets; bucket++)
            {
                // A bucket belongs to runs of one length by its first bits; the others have not counted in it.
                var length = LengthOf(bucket);
                var used = Buckets / 4 * (length == Longest ? 2 : 1);
                scores[bucket * Lanes + lane] = (float)Math.Log((counts[length - 1][bucket] + Unseen) / (totals[length - 1] + Unseen * used));
            }

        return new([.. languages.Keys], scores);
    }

    private static IEnumerable<(string Language, string Text)> Chosen(IEnumerable<TranslatedMessage> messages)
    {
        var left = TrainingCharacters;
        foreach (var message in messages.TakeWhile(_ => left > 0))
        {
            left -= message.Text.Length;
            yield return (message.Language, message.Text);
        }
    }

    /// <summary>The language of a text and by how much it is likelier than the next, in nats per run; empty where there are no letters.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="most">Characters that are looked at.</param>
    public (string Language, double Margin) Identify(string text, int most = 2000)
    {
        var (sums, count) = (default(LaneSums), 0L);
        foreach (var (bucket, _) in Runs(text, most))
        {
            sums.Add(_scores.AsSpan(bucket * Lanes, Lanes));
            count++;
        }

        if (count == 0) return ("", 0);
        var (best, second) = (-1, -1);
        for (var lane = 0; lane < Languages.Count; lane++)
        {
            if (best < 0 || sums[lane] > sums[best]) (best, second) = (lane, best);
            else if (second < 0 || sums[lane] > sums[second]) second = lane;
        }

        return (Languages[best], (sums[best] - sums[second]) / count);
    }

    /// <summary>Writes it.</summary>
    public void Save(Stream stream)
    {
        using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        writer.Write(Languages.Count);
        foreach (var language in Languages) writer.Write(language);
        foreach (var score in _scores) writer.Write(score);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public static LanguageIdentifier Load(string path)
    {
        using var reader = new BinaryReader(new MemoryStream(File.ReadAllBytes(path)));
        var languages = new string[Math.Clamp(reader.ReadInt32(), 0, Lanes)];
        for (var i = 0; i < languages.Length; i++) languages[i] = reader.ReadString();
        var scores = new float[Buckets * Lanes];
        for (var i = 0; i < scores.Length; i++) scores[i] = reader.ReadSingle();
        return new(languages, scores);
    }

    // Letters in lower case, everything between them one space. Runs inside words, with the spaces around them.
    private static IEnumerable<(int Bucket, int Length)> Runs(string text, int most)
    {
        var (before, last) = ('\0', ' ');
        var end = Math.Min(text.Length, most);
        for (var i = 0; i <= end; i++)
        {
            var letter = i < end && char.IsLetter(text[i]) ? char.ToLowerInvariant(text[i]) : ' ';
            if (letter == ' ' && last == ' ') continue;
            if (letter != ' ') yield return (Bucket(letter, 1), 1);
            yield return (Bucket(((ulong)last << 16) | letter, 2), 2);
            if (before != '\0') yield return (Bucket(((ulong)before << 32) | ((ulong)last << 16) | letter, 3), 3);
            (before, last) = (last, letter);
        }
    }

    private static int Bucket(ulong run, int length)
    {
        var hash = (int)(Words.Mix(run + (ulong)length * 0x9E3779B97F4A7C15) >> 33);
        const int Quarter = Buckets / 4;
        return length switch { 1 => hash % Quarter, 2 => Quarter + hash % Quarter, _ => 2 * Quarter + hash % (2 * Quarter) };
    }

    private static int LengthOf(int bucket) => bucket < Buckets / 4 ? 1 : bucket < Buckets / 2 ? 2 : 3;

    /// <summary>Sixteen sums side by side, the same on every processor: each lane adds in the order of the text.</summary>
    private struct LaneSums
    {
        private Vector512<float> _sums;

        public readonly float this[int lane] => _sums.GetElement(lane);

        public void Add(ReadOnlySpan<float> scores) => _sums += Vector512.Create(scores);
    }
}
