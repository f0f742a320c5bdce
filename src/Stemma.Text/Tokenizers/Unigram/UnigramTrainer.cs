using System.Runtime.CompilerServices;
using System.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers.SentencePiece;
using Stemma.Text.Tokenizers.Training;

namespace Stemma.Text.Tokenizers.Unigram;

/// <summary>
/// Learns a Unigram model (Kudo 2018, arXiv:1804.10959, §3.2) as SentencePiece does: a large seed vocabulary from a suffix array, then in turn expectation maximisation
/// (with the digamma of a sparse Dirichlet prior) and the removal of the quarter of the pieces whose loss costs the likelihood least.
/// </summary>
/// <remarks>
/// Text is not normalised, and spaces are kept as they are, so that with byte fallback every text decodes to itself but for U+2581 (▁), SentencePiece's sign of a space. Unlike SentencePiece, the seeds'
/// counts are of the text, not of its distinct words. The result does not depend on the number of threads.
/// </remarks>
public sealed record UnigramTrainer
{
    private const double ExpectedAtLeast = 0.5;
    private const double Room = 1.1;
    private const int BytesPerSeed = 1024;

    /// <summary>The number of tokens wanted, special ones and bytes included.</summary>
    public required int VocabSize { get; init; }

    /// <summary>The settings that all trainers of SentencePiece models share.</summary>
    public SentencePieceOptions Options { get; init; } = new();

    /// <summary>Pieces to begin with, at most; fewer where the memory is small.</summary>
    public int SeedSize { get; init; } = 1_000_000;

    /// <summary>How much of the vocabulary a round of pruning leaves, 0 &lt; factor &lt; 1.</summary>
    public double ShrinkingFactor { get; init; } = 0.75;

    /// <summary>Passes of expectation maximisation between rounds of pruning, at least 1.</summary>
    public int PassesPerRound { get; init; } = 2;

    /// <summary>Learns the model. When the text has fewer pieces it has fewer tokens than <see cref="VocabSize"/>.</summary>
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
        ArgumentOutOfRangeException.ThrowIfLessThan(SeedSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PassesPerRound, 1);
        if (!(ShrinkingFactor is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(texts), ShrinkingFactor, "The shrinking factor must lie between 0 and 1.");
        var report = new ProgressReport(progress);
        var wanted = VocabSize - Options.MetaPieces().Count;
        var (vocabulary, expectation, characters) = Begin(texts, report, cancellation);
        var rounds = Math.Max(1, Math.Ceiling(Math.Log((double)vocabulary.Pieces.Count / Math.Max(1, wanted)) / -Math.Log(ShrinkingFactor)));
        for (var round = 0; ; round++)
        {
            for (var pass = 0; pass < PassesPerRound; pass++)
            {
                cancellation.ThrowIfCancellationRequested();
                report.Stage($"Unigram, {vocabulary.Pieces.Count} pieces", Math.Min(1, (round + (double)pass / PassesPerRound) / rounds));
                vocabulary.Maximize(expectation.Run(vocabulary.Trie, vocabulary.Scores, vocabulary.UnknownScore).Expected, ExpectedAtLeast);
            }

            var target = (int)(wanted * Room);
            if (vocabulary.Pieces.Count <= target) break;
            vocabulary.Prune(expectation, Math.Max(target, (int)(ShrinkingFactor * vocabulary.Pieces.Count)));
        }

        var chosen = vocabulary.Choose(characters, wanted);
        var pieces = Options.MetaPieces();
        pieces.AddRange(chosen.Select(piece => new SentencePieceEntry(piece.Piece.Replace(' ', '▁'), (float)piece.Score, PieceType.Normal)));
        return new SentencePieceTokenizer(Options.Model(pieces, isBpe: false));
    }

    // By itself, so that what only the beginning needs (the words as strings, the seeds) is gone during the rest.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private (UnigramVocabulary Vocabulary, UnigramExpectation Expectation, Dictionary<Rune, long> Characters) Begin(IEnumerable<TextStretch> texts, ProgressReport report, CancellationToken cancellation)
    {
        var (counts, characters) = Options.Count(texts, VocabSize, TrainerCost.Unigram, report, cancellation);
        report.Stage("Finding seeds", 0);
        var seeds = SeedPieces.Find(counts.Words, counts.Counts, characters, (int)Math.Min(SeedSize, Options.Memory / BytesPerSeed));
        return (new(seeds, characters.Count), new(counts.Words, counts.Counts, Options.ThreadCount), characters);
    }
}
