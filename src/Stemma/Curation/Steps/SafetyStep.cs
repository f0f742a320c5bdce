using System.Text.Json.Serialization;
using Stemma.Text;

namespace Stemma.Curation;

/// <summary>
/// Drops documents in which words of a list stand too often, as C4 does with its list of bad words (Raffel et al. 2020, §2.2). The list
/// is yours: a word or a phrase a line, <c>#</c> begins a comment.
/// </summary>
public sealed record SafetyStep : LocalStep
{
    private const long MostListBytes = 16 << 20;

    /// <summary>The file of words.</summary>
    public string Words { get; init; } = "";

    /// <summary>The share of a document's words that may be on the list; C4 takes 0.</summary>
    public double Share { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "safety";

    internal override bool NeedsPreparation => true;

    internal override void Validate(string field)
    {
        if (Words.Length == 0) throw new ConfigurationException($"{field}.words is missing: a file with a word or a phrase a line.");
        if (Share is not (>= 0 and < 1)) throw new ConfigurationException($"{field}.share is {Share}; it is at least 0 and below 1.");
    }

    internal override void Prepare(string path, StepContext context)
    {
        if (!File.Exists(Words)) throw new FileNotFoundException($"There is no file {Words}, which steps of the kind safety name as their words.", Words);
        if (new FileInfo(Words).Length > MostListBytes) throw new TextFormatException($"{Words} is longer than {MostListBytes:N0} bytes; a list of words is shorter.");
        Numerics.Formats.AtomicFile.WriteText(path, File.ReadAllText(Words));
    }

    internal override DocumentFilter Build(string prepared)
    {
        var phrases = new Dictionary<ulong, int>();
        List<Curation.Words.Word> words = [];
        foreach (var line in File.ReadLines(prepared))
        {
            if (line.StartsWith('#')) continue;
            Curation.Words.Of(line, words);
            if (words.Count is > 0 and <= 8) phrases[Curation.Words.Join(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(words))] = words.Count;
        }

        return new Filter(phrases, Share);
    }

    private sealed class Filter(Dictionary<ulong, int> phrases, double share) : DocumentFilter
    {
        private readonly int[] _lengths = [.. phrases.Values.Distinct().Order()];

        public override string? Apply(CuratedDocument document, RuleCounts counts)
        {
            List<Curation.Words.Word> words = [];
            Curation.Words.Of(document.Text, words);
            var all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(words);
            var found = 0;
            for (var i = 0; i < all.Length; i++)
                foreach (var length in _lengths)
                    if (i + length <= all.Length && phrases.TryGetValue(Curation.Words.Join(all.Slice(i, length)), out var known) && known == length) found += length;
            if (found > 0) counts.Add("words of the list", found);
            return found > share * all.Length ? "words of the list" : null;
        }
    }
}
