using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Training;

namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>
/// Learns byte pair encoding over characters as SentencePiece does (Llama's kind): of all adjacent pairs inside words the most frequent
/// becomes a piece, its score minus its rank; characters follow behind, and what has none is spelled in bytes.
/// </summary>
/// <remarks>Among equals the pair of the lowest ids merges; characters are numbered from the most frequent. The result does not depend on the number of threads.</remarks>
public sealed record SentencePieceBpeTrainer
{
    private const int MaxPieceLength = 16;

    /// <summary>The number of tokens wanted, special ones and bytes included.</summary>
    public required int VocabSize { get; init; }

    /// <summary>The settings that all trainers of SentencePiece models share.</summary>
    public SentencePieceOptions Options { get; init; } = new();

    /// <summary>Learns the model. When the text runs out of pairs it has fewer tokens than <see cref="VocabSize"/>.</summary>
    /// <param name="texts">The texts; read once.</param>
    /// <param name="progress">Told how far it is, from this method's threads.</param>
    /// <param name="cancellation">Stops the training.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="TextFormatException">The vocabulary has no room for the characters of the text.</exception>
    public SentencePieceTokenizer Train(IEnumerable<string> texts, IProgress<TokenizerProgress>? progress = null, CancellationToken cancellation = default) => Train(TextStretch.Whole(texts), progress, cancellation);

    /// <inheritdoc cref="Train(IEnumerable{string}, IProgress{TokenizerProgress}?, CancellationToken)"/>
    public SentencePieceTokenizer Train(IEnumerable<TextStretch> texts, IProgress<TokenizerProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var report = new ProgressReport(progress);
        var (counts, characters) = Options.Count(texts, VocabSize, TrainerCost.Merges, report, cancellation);
        // A character without a token ends what can merge: it is symbol 0, which joins with nothing.
        const string Uncovered = "\0";
        var learner = new MergeLearner(
            counts, [Uncovered, .. characters.Keys.Select(rune => rune.ToString()).Where(letter => letter != Uncovered)],
            word => word.EnumerateRunes().Select(rune => characters.ContainsKey(rune) ? rune.ToString() : Uncovered),
            (left, right) => left == Uncovered || right == Uncovered || left.Length + right.Length > MaxPieceLength ? null : left + right);
        var meta = Options.MetaPieces();
        var wanted = VocabSize - meta.Count - characters.Count;
        while (learner.Merges.Count < wanted && learner.TryMerge(2))
        {
            cancellation.ThrowIfCancellationRequested();
            if (learner.Merges.Count % 100 == 0) report.Stage("Learning merges", (double)learner.Merges.Count / wanted);
        }

        var order = learner.Merges.Select(merge => learner.Tokens[merge.Result]).Distinct().Concat(characters.Keys.Select(rune => rune.ToString()));
        List<SentencePieceEntry> pieces = [.. meta, .. order.Select((piece, rank) => new SentencePieceEntry(piece.Replace(' ', '▁'), -rank, PieceType.Normal))];
        return new SentencePieceTokenizer(Options.Model(pieces, isBpe: true));
    }
}
