using System.Text;
using Stemma.Text;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.SentencePiece;
using Stemma.Text.Tokenizers.Training;
using Stemma.Text.Tokenizers.Unigram;
using Stemma.Text.Tokenizers.WordPiece;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.Training;

/// <summary>The trainers of subword models: against plain references, for any number of threads, in any memory.</summary>
public sealed class TrainerTests
{
    private static readonly string[] s_lines = File.ReadAllLines(TextData.Fixture("trainer-corpus.txt"));

    [Fact]
    public void Suffixes_are_sorted_and_shared_prefixes_counted()
    {
        var random = new Random(5);
        for (var trial = 0; trial < 300; trial++)
        {
            var alphabet = random.Next(1, 5);
            var text = Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(alphabet)).ToArray();
            var array = SuffixArray.Build(text, alphabet);
            var expected = Enumerable.Range(0, text.Length).Order(Comparer<int>.Create((x, y) => text.AsSpan(x).SequenceCompareTo(text.AsSpan(y)))).ToArray();
            Assert.Equal(expected, array);
            var shared = SuffixArray.SharedPrefixes(text, array);
            for (var i = 1; i < array.Length; i++) Assert.Equal(text.AsSpan(array[i]).CommonPrefixLength(text.AsSpan(array[i - 1])), shared[i]);
        }
    }

    [Fact]
    public void Seeds_have_the_counts_of_the_text()
    {
        string[] words = [" banana", " ban", "anan", " band"];
        long[] counts = [3, 50, 1, 2];
        var characters = words.SelectMany(word => word.EnumerateRunes()).Distinct().ToDictionary(rune => rune, _ => 1L);
        var seeds = SeedPieces.Find(words, counts, characters, 1000);
        foreach (var (piece, count) in seeds.Where(seed => seed.Piece.Length > 1))
        {
            var expected = 0L;
            for (var i = 0; i < words.Length; i++)
                for (var at = 0; at + piece.Length <= words[i].Length; at++)
                    if (words[i].AsSpan(at).StartsWith(piece, StringComparison.Ordinal)) expected += counts[i];
            Assert.Equal(expected, (long)count);
        }

        Assert.Contains(seeds, seed => seed.Piece == " ban" && seed.Count == 55);
        Assert.Contains(seeds, seed => seed.Piece == "ana");
    }

    [Fact]
    public void Expected_uses_are_those_of_brute_force()
    {
        (string Piece, double Score)[] pieces = [("a", -1.5), ("b", -2), ("ab", -2.2), ("ba", -2.9), ("aba", -3.3)];
        var trie = new ByteTrie([.. pieces.Select((piece, id) => (Encoding.UTF8.GetBytes(piece.Piece), id))]);
        double[] scores = [.. pieces.Select(piece => piece.Score)];
        string[] words = ["ababa", "ba", "abab", "axb"];
        long[] counts = [3, 5, 2, 4];
        var expected = new double[pieces.Length];
        var likelihood = 0.0;
        for (var word = 0; word < words.Length; word++)
        {
            var ways = Ways(words[word]).ToArray();
            var total = ways.Sum(way => Math.Exp(way.Score));
            likelihood += counts[word] * Math.Log(total);
            foreach (var (ids, score) in ways)
                foreach (var id in ids.Where(id => id >= 0)) expected[id] += counts[word] * Math.Exp(score) / total;
        }

        var (found, mean) = new UnigramExpectation(words, counts, 2).Run(trie, scores, -13.3);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], 1e-9);
        Assert.Equal(likelihood / counts.Sum(), mean, 1e-9);

        IEnumerable<(int[] Ids, double Score)> Ways(string text)
        {
            if (text.Length == 0) yield return ([], 0);
            for (var id = 0; id < pieces.Length; id++)
            {
                if (!text.StartsWith(pieces[id].Piece, StringComparison.Ordinal)) continue;
                foreach (var (ids, score) in Ways(text[pieces[id].Piece.Length..])) yield return ([id, .. ids], score + pieces[id].Score);
            }

            if (text.Length > 0 && text[0] == 'x')
                foreach (var (ids, score) in Ways(text[1..])) yield return ([-1, .. ids], score - 13.3);
        }
    }

    [Fact]
    public void Digamma_is_the_derivative_of_log_gamma()
    {
        Assert.Equal(-0.5772156649015329, UnigramVocabulary.Digamma(1), 1e-9);
        Assert.Equal(-1.9635100260214235, UnigramVocabulary.Digamma(0.5), 1e-9);
        Assert.Equal(2.2517525890667211, UnigramVocabulary.Digamma(10), 1e-9);
    }

    [Fact]
    public void Maximisation_raises_the_likelihood()
    {
        var counts = new WordCounter<ScriptWords>(1, 1 << 24, TrainerCost.Merges, _ => { }, default).Count(s_lines);
        var characters = new Dictionary<Rune, long>();
        foreach (var (word, count) in counts.Words.Zip(counts.Counts))
            foreach (var rune in word.EnumerateRunes()) characters[rune] = characters.GetValueOrDefault(rune) + count;
        var vocabulary = new UnigramVocabulary(SeedPieces.Find(counts.Words, counts.Counts, characters, 5000), characters.Count);
        var expectation = new UnigramExpectation(counts.Words, counts.Counts, 1);
        var before = double.NegativeInfinity;
        for (var pass = 0; pass < 4; pass++)
        {
            var (expected, likelihood) = expectation.Run(vocabulary.Trie, vocabulary.Scores, vocabulary.UnknownScore);
            Assert.True(likelihood > before, $"pass {pass}: {likelihood} after {before}");
            before = likelihood;
            vocabulary.Maximize(expected, 0);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Models_do_not_depend_on_threads_or_memory_and_lose_nothing(bool isBpe)
    {
        SentencePieceTokenizer Train(int threads) => isBpe
            ? new SentencePieceBpeTrainer { VocabSize = 700, Options = new() { ThreadCount = threads } }.Train(s_lines)
            : new UnigramTrainer { VocabSize = 700, Options = new() { ThreadCount = threads } }.Train(s_lines);
        var one = Train(1);
        Assert.Equal(700, one.VocabSize);
        Assert.Equal(one.Hash, Train(3).Hash);
        foreach (var text in (string[])["Hello, wörld!\n\n  two  spaces 😀", " leading", "tab\tand\r\nline", .. s_lines.Take(40)]) Assert.Equal(text, one.Decode(one.Encode(text)));
        var tokens = s_lines.Sum(line => one.CountTokens(line));
        Assert.True(tokens < s_lines.Sum(line => line.Length) / 1.8, $"{tokens} tokens");
        using var folder = new TemporaryFolder();
        one.Save(folder.Path);
        Assert.Equal(one.Hash, Stemma.Text.Tokenizers.Tokenizer.Load(folder.Path).Hash);
    }

    [Fact]
    public void Long_words_of_characters_that_no_piece_has_do_not_spoil_the_rest()
    {
        // Thirty such characters a word, each of which costs more than 24 nats: their product is no number a double has.
        var texts = s_lines.Append(string.Concat(Enumerable.Range(0, 30).Select(i => (char)('\u0430' + i)))).Append(string.Concat(Enumerable.Range(0, 30).Select(i => (char)('\u05D0' + i % 27)))).ToArray();
        var model = new UnigramTrainer { VocabSize = 700, Options = new() { CharacterCoverage = 0.99 } }.Train(texts);
        Assert.All(model.Model.Pieces, piece => Assert.True(float.IsFinite(piece.Score)));
        Assert.True(s_lines.Sum(line => (long)model.CountTokens(line)) < s_lines.Sum(line => line.Length) / 1.8);
    }

    [Fact]
    public void A_vocabulary_too_small_for_the_characters_is_refused() =>
        Assert.Contains("needs at least", Assert.Throws<TextFormatException>(() => new UnigramTrainer { VocabSize = 262 }.Train(s_lines)).Message);

    [Fact]
    public void Counts_that_went_to_disk_are_those_that_stayed_in_memory()
    {
        var random = new Random(11);
        var texts = Enumerable.Range(0, 3000).Select(_ => string.Join(' ', Enumerable.Range(0, 20).Select(_ => $"w{random.Next(20_000)}"))).ToArray();
        var whole = new WordCounter<Gpt2Words>(1, 1L << 30, TrainerCost.Merges, _ => { }, default).Count(texts);
        var spilled = new WordCounter<Gpt2Words>(3, 1L << 21, TrainerCost.Merges, _ => { }, default).Count(texts);
        // The small memory also drops the rarest words at the end, and says so.
        Assert.True(spilled.LowestCount > 1);
        var kept = whole.Words.Zip(whole.Counts).Where(pair => pair.Second >= spilled.LowestCount).ToArray();
        Assert.Equal(kept.Select(pair => pair.First), spilled.Words);
        Assert.Equal(kept.Select(pair => pair.Second), spilled.Counts);
        using var runs = new WordRuns();
        runs.Write([("a", 1), ("c", long.MaxValue - 5)]);
        runs.Write([("b", 2), ("c", 4)]);
        Assert.Equal([("a", 3L), ("b", 2L), ("c", long.MaxValue - 1)], runs.Merge([[("a", 2)]]));
    }

    [Fact]
    public void Byte_pair_merges_are_the_same_in_little_memory()
    {
        var texts = Enumerable.Repeat(s_lines, 3).SelectMany(lines => lines).ToArray();
        var tokenizer = new BpeTrainer { VocabSize = 600, ThreadCount = 2 }.Train(texts);
        Assert.Equal(tokenizer.Hash, new BpeTrainer { VocabSize = 600, ThreadCount = 1, Memory = 2 << 20 }.Train(texts).Hash);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Merges_are_those_of_a_plain_trainer(bool isWordPiece)
    {
        string[] texts = [.. s_lines.Take(60)];
        var words = string.Join('\n', texts);
        List<string> expected;
        IReadOnlyList<string> found;
        if (isWordPiece)
        {
            found = new WordPieceTrainer { VocabSize = 260 }.Train(texts);
            var divided = new WordCounter<BertWords>(1, 1 << 24, TrainerCost.Merges, _ => { }, default).Count(texts);
            var symbols = divided.Words.Zip(divided.Counts).Where(pair => !char.IsWhiteSpace(pair.First[0]))
                .Select(pair => (pair.First.Select((letter, i) => i == 0 ? letter.ToString() : "##" + letter).ToList(), pair.Second)).ToList();
            expected = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Plain(symbols, [.. symbols.SelectMany(word => word.Item1).Distinct().Order(StringComparer.Ordinal)], 255, (left, right) => left + right[2..])];
        }
        else
        {
            var options = new SentencePieceOptions { CharacterCoverage = 1, ThreadCount = 1 };
            var model = new SentencePieceBpeTrainer { VocabSize = 500, Options = options }.Train(texts).Model;
            found = [.. model.Pieces.Skip(259).Select(piece => piece.Piece)];
            var counts = new WordCounter<ScriptWords>(1, 1 << 24, TrainerCost.Merges, _ => { }, default).Count(texts);
            var frequencies = counts.Words.Zip(counts.Counts).SelectMany(pair => pair.First.Select(letter => (letter, pair.Second))).GroupBy(pair => pair.letter)
                .OrderByDescending(group => group.Sum(pair => pair.Second)).ThenBy(group => group.Key).Select(group => group.Key.ToString()).ToList();
            var symbols = counts.Words.Zip(counts.Counts).Select(pair => (pair.First.Select(letter => letter.ToString()).ToList(), pair.Second)).ToList();
            var merged = Plain(symbols, [.. frequencies], 500 - 259, (left, right) => left + right).Skip(frequencies.Count);
            expected = [.. merged.Concat(frequencies).Select(piece => piece.Replace(' ', '▁'))];
        }

        Assert.True(words.Length > 1000);
        Assert.Equal(expected, found);
    }

    // Counts all pairs anew for every merge; the highest count wins, then the lowest ids.
    private static List<string> Plain(List<(List<string> Symbols, long Count)> words, List<string> tokens, int size, Func<string, string, string> join)
    {
        while (tokens.Count < size)
        {
            var ids = tokens.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id);
            Dictionary<(string Left, string Right), long> pairs = [];
            foreach (var (symbols, count) in words)
                for (var i = 0; i + 1 < symbols.Count; i++) pairs[(symbols[i], symbols[i + 1])] = pairs.GetValueOrDefault((symbols[i], symbols[i + 1])) + count;
            var best = pairs.Where(pair => pair.Value >= 2).OrderByDescending(pair => pair.Value).ThenBy(pair => ids[pair.Key.Left]).ThenBy(pair => ids[pair.Key.Right]).FirstOrDefault();
            if (best.Value == 0) break;
            var joined = join(best.Key.Left, best.Key.Right);
            if (!ids.ContainsKey(joined)) tokens.Add(joined);
            foreach (var (symbols, _) in words)
                for (var i = 0; i + 1 < symbols.Count; i++)
                    if (symbols[i] == best.Key.Left && symbols[i + 1] == best.Key.Right)
                    {
                        symbols[i] = joined;
                        symbols.RemoveAt(i + 1);
                    }
        }

        return tokens;
    }
}
