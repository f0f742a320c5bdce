using System.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Training;

namespace Stemma.Text.Tokenizers.WordPiece;

/// <summary>
/// Learns a WordPiece vocabulary, BERT's (Schuster &amp; Nakajima 2012; Devlin et al. 2019): characters, those inside a word spelled with <c>##</c>,
/// and merged pairs. Which pair merges next is decided by counts, as in Hugging Face's trainer: the original trainer was never published.
/// </summary>
/// <remarks>The text is taken as it is; lower-case it and strip its accents first for an uncased vocabulary. The result does not depend on the number of threads.</remarks>
public sealed record WordPieceTrainer
{
    private const string Inside = "##";

    /// <summary>The number of tokens wanted, special ones included.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Tokens with the first ids; BERT's by default.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Characters that become tokens at most, the most frequent ones.</summary>
    public int AlphabetSize { get; init; } = 1000;

    /// <summary>A pair rarer than this is not merged; at least 1.</summary>
    public long MinFrequency { get; init; } = 2;

    /// <summary>How many threads count words; at least 1.</summary>
    public int ThreadCount { get; init; } = Environment.ProcessorCount;

    /// <summary>Bytes that training may take, about; beyond it word counts go to disk, and the rarest words are left out at the end.</summary>
    public long Memory { get; init; } = 2L << 30;

    /// <summary>Learns the vocabulary; a token's place is its id, as in BERT's <c>vocab.txt</c>.</summary>
    /// <param name="texts">The texts; read once.</param>
    /// <param name="progress">Told how far it is, from this method's threads.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public IReadOnlyList<string> Train(IEnumerable<string> texts, IProgress<TokenizerProgress>? progress = null, CancellationToken cancellation = default) => Train(TextStretch.Whole(texts), progress, cancellation);

    /// <inheritdoc cref="Train(IEnumerable{string}, IProgress{TokenizerProgress}?, CancellationToken)"/>
    public IReadOnlyList<string> Train(IEnumerable<TextStretch> texts, IProgress<TokenizerProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(VocabSize, SpecialTokens.Count + 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AlphabetSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinFrequency, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ThreadCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Memory, 1 << 20);
        var report = new ProgressReport(progress);
        var counted = new WordCounter<BertWords>(ThreadCount, Memory, TrainerCost.Merges, report.Counted, cancellation).Count(texts);
        var words = Known(counted);
        var spelled = words.Words.SelectMany(Divide).ToHashSet(StringComparer.Ordinal);
        var alphabet = spelled.Order(StringComparer.Ordinal).ToList();
        var wanted = Math.Max(0, VocabSize - SpecialTokens.Count - alphabet.Count);
        if (VocabSize - SpecialTokens.Count < alphabet.Count)
            throw new TextFormatException($"A vocabulary of {VocabSize} has no room for {alphabet.Count} characters and {SpecialTokens.Count} special tokens; make it larger or the alphabet smaller.");
        var learner = new MergeLearner(words, alphabet, Divide, (left, right) => left + right[Inside.Length..]);
        while (learner.TokenCount < VocabSize - SpecialTokens.Count && learner.TryMerge(MinFrequency))
        {
            cancellation.ThrowIfCancellationRequested();
            if (learner.Merges.Count % 100 == 0) report.Stage("Learning merges", (double)(learner.TokenCount - alphabet.Count) / Math.Max(1, wanted));
        }

        return [.. SpecialTokens, .. learner.Tokens];
    }

    private static IEnumerable<string> Divide(string word) => word.EnumerateRunes().Select((rune, i) => i == 0 ? rune.ToString() : Inside + rune.ToString());

    // Without white space, and without words of characters beyond the alphabet: such a word is unknown as a whole.
    private WordCounts Known(WordCounts all)
    {
        Dictionary<Rune, long> characters = [];
        for (var i = 0; i < all.Words.Length; i++)
        {
            if (char.IsWhiteSpace(all.Words[i][0])) continue;
            foreach (var rune in all.Words[i].EnumerateRunes()) characters[rune] = characters.GetValueOrDefault(rune) + all.Counts[i];
        }

        var alphabet = characters.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Take(AlphabetSize).Select(pair => pair.Key).ToHashSet();
        var kept = Enumerable.Range(0, all.Words.Length).Where(i => !char.IsWhiteSpace(all.Words[i][0]) && all.Words[i].EnumerateRunes().All(alphabet.Contains)).ToArray();
        return all with { Words = [.. kept.Select(i => all.Words[i])], Counts = [.. kept.Select(i => all.Counts[i])] };
    }
}
