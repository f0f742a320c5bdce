using System.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers.Training;

namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// Learns a byte-level BPE from text (Sennrich et al. 2016, arXiv:1508.07909, algorithm 1, over GPT-2's words and bytes).
/// </summary>
/// <remarks>
/// The rule is that of Hugging Face's trainer, so both learn the same merges: of all adjacent pairs inside words, counted with
/// the words' frequencies, the one with the highest count merges next; among equals the one with the lowest left id, then the
/// lowest right id. A merge whose bytes are already a token gets that token's id. Ids: the 256 bytes in GPT-2's order, then the
/// merged tokens in the order they were learned, then the special tokens. The result does not depend on the number of threads.
/// </remarks>
public sealed record BpeTrainer
{
    /// <summary>The number of tokens wanted, special ones included; at least 256 plus the special tokens.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Control tokens, given the last ids in this order. By default <c>&lt;|endoftext|&gt;</c>.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [Tokenizer.EndOfTextSpelling];

    /// <summary>A pair rarer than this is not merged; at least 1.</summary>
    public long MinFrequency { get; init; } = 2;

    /// <summary>How many threads count words; at least 1.</summary>
    public int ThreadCount { get; init; } = Environment.ProcessorCount;

    /// <summary>Bytes that training may take, about; beyond it word counts go to disk, and the rarest words are left out at the end.</summary>
    public long Memory { get; init; } = 2L << 30;

    /// <summary>
    /// Learns the tokenizer. When the text runs out of pairs it has fewer tokens than <see cref="VocabSize"/>.
    /// </summary>
    /// <param name="texts">The texts; words do not cross from one to the next. Read once.</param>
    /// <param name="progress">Told about every million characters and every hundred merges, from this method's threads.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public BpeTokenizer Train(IEnumerable<string> texts, IProgress<BpeTrainingProgress>? progress = null, CancellationToken cancellation = default) => Train(TextStretch.Whole(texts), progress, cancellation);

    /// <inheritdoc cref="Train(IEnumerable{string}, IProgress{BpeTrainingProgress}?, CancellationToken)"/>
    public BpeTokenizer Train(IEnumerable<TextStretch> texts, IProgress<BpeTrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(VocabSize, 256 + SpecialTokens.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(MinFrequency, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ThreadCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Memory, 1 << 20);
        if (SpecialTokens.Any(string.IsNullOrEmpty) || SpecialTokens.Distinct(StringComparer.Ordinal).Count() != SpecialTokens.Count)
            throw new ArgumentException("Special tokens must be non-empty and distinct.", nameof(texts));

        var wanted = VocabSize - 256 - SpecialTokens.Count;
        var words = new WordCounter<Gpt2Words>(ThreadCount, Memory, TrainerCost.Merges, read => progress?.Report(new(read, 0, wanted)), cancellation).Count(texts);
        var learner = MergeLearner.OfBytes(words);
        while (learner.TokenCount < VocabSize - SpecialTokens.Count && learner.TryMerge(MinFrequency))
        {
            cancellation.ThrowIfCancellationRequested();
            if (learner.Merges.Count % 100 == 0) progress?.Report(new(words.CharacterCount, learner.Merges.Count, wanted));
        }

        progress?.Report(new(words.CharacterCount, learner.Merges.Count, wanted));
        byte[][] tokens = [.. learner.Tokens.Select(token => ByteAlphabet.Read(token)!)];
        var added = SpecialTokens.Select((content, index) => new AddedToken(tokens.Length + index, content, IsSpecial: true)).ToArray();
        return new BpeTokenizer([.. tokens, .. SpecialTokens.Select(Encoding.UTF8.GetBytes)], learner.Merges, added, addPrefixSpace: false);
    }
}
