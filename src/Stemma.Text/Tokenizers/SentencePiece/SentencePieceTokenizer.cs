using System.Collections.Concurrent;
using System.Text;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.Unigram;

namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>
/// A SentencePiece tokenizer (Kudo &amp; Richardson 2018, arXiv:1808.06226), Unigram or byte pair encoding: token for token what the original
/// gives for the same model and text.
/// </summary>
/// <remarks>Decoding drops the space that the model puts before a text; the bytes of a token keep it.</remarks>
public sealed class SentencePieceTokenizer : Tokenizer
{
    private readonly SentencePieceNormalizer normalizer;
    private readonly Dictionary<string, int> ids;
    private readonly UnigramPieces? unigram;
    private readonly int unknown;
    private readonly int[] byteIds = new int[256];
    private readonly ConcurrentBag<Scratch> scratches = [];

    /// <summary>A tokenizer of a model.</summary>
    /// <exception cref="TextFormatException">The model's pieces do not fit together.</exception>
    public SentencePieceTokenizer(SentencePieceModel model)
        : base(new Vocabulary([.. Checked(model).Pieces.Select(piece => BytesOf(model, piece))]), [.. Controls(model)])
    {
        Model = model;
        normalizer = new SentencePieceNormalizer(model);
        ids = new(StringComparer.Ordinal);
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            var (piece, _, type) = model.Pieces[id];
            ids.Add(piece, id);
            if (type == PieceType.Unknown) unknown = id;
            if (type == PieceType.Byte) byteIds[SentencePieceCheck.ByteOf(piece)!.Value] = id;
        }

        if (model.IsBpe) return;
        var inText = model.Pieces.Select((piece, id) => (piece, id)).Where(item => item.piece.Type is PieceType.Normal or PieceType.UserDefined).ToArray();
        unigram = new UnigramPieces(
            [.. inText.Select(item => (item.piece.Piece, item.id, item.piece.Score))], unknown, inText.Where(item => item.piece.Type == PieceType.UserDefined).Select(item => item.id).ToHashSet());
    }

    /// <summary>The model.</summary>
    public SentencePieceModel Model { get; }

    /// <inheritdoc/>
    public override int? EndOfText => base.EndOfText ?? (SpecialTokens.TryGetValue("</s>", out var id) ? id : null);

    /// <summary>What the file is called in a folder.</summary>
    internal const string ModelFileName = "tokenizer.model";

    internal override string FileName => ModelFileName;

    /// <summary>Writes the <c>.model</c> file, whole or not at all.</summary>
    /// <param name="path">The file, or an existing folder to hold <c>tokenizer.model</c>.</param>
    /// <exception cref="ArgumentException">The file ends in <c>.json</c>: that is another format.</exception>
    public override void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) path = Path.Combine(path, FileName);
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) throw new ArgumentException($"{path} names another format; a SentencePiece model is saved as a .model file.", nameof(path));
        Model.Save(path);
    }

    /// <summary>The same tokenizer as a pipeline, which <c>tokenizer.json</c> can hold.</summary>
    /// <exception cref="InvalidOperationException">The model merges, or changes the text beyond its spaces: a pipeline has no part that does just that.</exception>
    public PipelineTokenizer ToPipeline() => SentencePiecePipeline.Of(Model);

    /// <summary>Reads a <c>.model</c> file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">It is not a SentencePiece model of a supported kind.</exception>
    public static new SentencePieceTokenizer Load(string path) => new(SentencePieceModel.Load(path));

    /// <inheritdoc/>
    public override string Piece(int id) => (uint)id < (uint)Model.Pieces.Count ? Model.Pieces[id].Piece : throw new ArgumentOutOfRangeException(nameof(id), id, $"Token {id} is outside the vocabulary of {Model.Pieces.Count} tokens.");

    /// <summary>A segmentation drawn at random, to train on many views of a text: Unigram's with probability ∝ P^α, BPE's with merges dropped.</summary>
    /// <param name="text">The text.</param>
    /// <param name="alpha">Of Unigram the exponent α &gt; 0 (Kudo 2018); of BPE the probability to drop a merge, 0 ≤ p ≤ 1 (Provilkov et al. 2020).</param>
    /// <param name="seed">The same seed, the same tokens.</param>
    public int[] Sample(string text, double alpha, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(alpha);
        if (!double.IsFinite(alpha)) throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "α must be finite.");
        var scratch = Normalize(text, null);
        var random = new SplitMix(seed);
        List<int> sampled = [];
        if (scratch.Normalized.Length == 0) return [];
        if (unigram is null)
        {
            scratch.Merger!.Segment(scratch.Normalized.Written, alpha, ref random, scratch.Ids, scratch.Lengths);
        }
        else
        {
            var (drawn, lengths) = new UnigramLattice(unigram, scratch.Normalized.Written).Sample(alpha, ref random);
            scratch.Ids.AddRange(drawn);
            scratch.Lengths.AddRange(lengths);
        }

        Finish(scratch, sampled, null);
        scratches.Add(scratch);
        return [.. sampled];
    }

    /// <summary>The n most probable segmentations of a text with their log-probabilities in nats, best first (Unigram only).</summary>
    /// <exception cref="InvalidOperationException">The model is byte pair encoding, which has one segmentation.</exception>
    public IReadOnlyList<(int[] Ids, double LogProbability)> Best(string text, int count)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (unigram is null) throw new InvalidOperationException("Byte pair encoding has one segmentation of a text; n-best needs a Unigram model.");
        var scratch = Normalize(text, null);
        List<(int[], double)> best = [];
        foreach (var (found, lengths, score) in new UnigramLattice(unigram, scratch.Normalized.Written).Best(count))
        {
            scratch.Ids.Clear();
            scratch.Lengths.Clear();
            scratch.Ids.AddRange(found);
            scratch.Lengths.AddRange(lengths);
            List<int> finished = [];
            Finish(scratch, finished, null);
            best.Add(([.. finished], score));
        }

        scratches.Add(scratch);
        return best;
    }

    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> ids)
    {
        if (Model.WhitespaceAsSuffix)
        {
            var text = base.Decode(ids);
            return Model.AddDummyPrefix && text.EndsWith(' ') ? text[..^1] : text;
        }

        // Pieces of nothing but the space before the text are dropped; of the first other one its space.
        var (start, strips) = (0, Model.AddDummyPrefix || Model.RemoveExtraWhitespaces);
        while (strips && start < ids.Length && Bytes(ids[start]).SequenceEqual(" "u8))
        {
            start++;
            strips = Model.RemoveExtraWhitespaces;
        }

        var rest = base.Decode(ids[start..]);
        return strips && start < ids.Length && ids[start] != unknown && rest.StartsWith(' ') ? rest[1..] : rest;
    }

    private protected override void EncodePlain(ReadOnlySpan<char> text, int offset, List<int> destination)
    {
        var scratch = Normalize(text, null);
        Segment(scratch);
        Finish(scratch, destination, null);
        scratches.Add(scratch);
    }

    /// <inheritdoc/>
    private protected override IEnumerable<(int Id, int ByteStart, int ByteEnd)> PlainSpans(string segment)
    {
        List<int> origins = [], found = [], lengths = [];
        var scratch = Normalize(segment, origins);
        Segment(scratch);
        Finish(scratch, found, lengths);
        scratches.Add(scratch);
        List<(int, int, int)> spans = [];
        for (int i = 0, at = 0; i < found.Count; at += lengths[i++]) spans.Add((found[i], origins[at], origins[at + lengths[i]]));
        return spans;
    }

    private protected override void AddTo(TokenizerHash hash)
    {
        hash.Add(Model.IsBpe ? "SentencePiece BPE" : "SentencePiece Unigram");
        hash.Add((Model.AddDummyPrefix ? 1 : 0) | (Model.RemoveExtraWhitespaces ? 2 : 0) | (Model.EscapeWhitespaces ? 4 : 0) | (Model.WhitespaceAsSuffix ? 8 : 0) | (Model.ByteFallback ? 16 : 0));
        hash.Add(Model.CharsMap.Span);
        foreach (var (_, score, type) in Model.Pieces)
        {
            hash.Add(BitConverter.SingleToInt32Bits(score));
            hash.Add((int)type);
        }
    }

    private Scratch Normalize(ReadOnlySpan<char> text, List<int>? origins)
    {
        if (!scratches.TryTake(out var scratch)) scratch = new Scratch(unigram is null ? null : new Viterbi(unigram), unigram is null ? new ScoredMerger(Model, normalizer, ids, unknown) : null);
        scratch.Ids.Clear();
        scratch.Lengths.Clear();
        scratch.Normalized.Length = 0;
        var capacity = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (scratch.Text.Length < capacity) scratch.Text = new byte[capacity];
        var length = Encoding.UTF8.GetBytes(text, scratch.Text);
        normalizer.Normalize(scratch.Text.AsSpan(0, length), scratch.Normalized, origins);
        return scratch;
    }

    private static void Segment(Scratch scratch)
    {
        if (scratch.Normalized.Length == 0) return;
        var random = default(SplitMix);
        scratch.Viterbi?.Segment(scratch.Normalized.Written, scratch.Ids, scratch.Lengths);
        scratch.Merger?.Segment(scratch.Normalized.Written, 0, ref random, scratch.Ids, scratch.Lengths);
    }

    // Unknown text becomes bytes, or one unknown token for a whole stretch.
    private void Finish(Scratch scratch, List<int> destination, List<int>? lengths)
    {
        var (at, afterUnknown) = (0, false);
        for (var i = 0; i < scratch.Ids.Count; at += scratch.Lengths[i++])
        {
            var (id, length) = (scratch.Ids[i], scratch.Lengths[i]);
            if (id == unknown && Model.ByteFallback)
            {
                foreach (var value in scratch.Normalized.Written.Slice(at, length)) destination.Add(byteIds[value]);
                lengths?.AddRange(Enumerable.Repeat(1, length));
            }
            else if (id == unknown && afterUnknown)
            {
                if (lengths is not null) lengths[^1] += length;
            }
            else
            {
                destination.Add(id);
                lengths?.Add(length);
            }

            afterUnknown = id == unknown && !Model.ByteFallback;
        }
    }

    private static SentencePieceModel Checked(SentencePieceModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        SentencePieceCheck.Throw(model, "the model");
        return model;
    }

    private static byte[] BytesOf(SentencePieceModel model, SentencePieceEntry piece) => piece.Type switch
    {
        PieceType.Byte => [SentencePieceCheck.ByteOf(piece.Piece)!.Value],
        PieceType.Unknown => Encoding.UTF8.GetBytes(model.UnknownSurface),
        _ => Encoding.UTF8.GetBytes(model.EscapeWhitespaces ? piece.Piece.Replace('▁', ' ') : piece.Piece),
    };

    private static IEnumerable<AddedToken> Controls(SentencePieceModel model)
    {
        for (var id = 0; id < model.Pieces.Count; id++)
            if (model.Pieces[id].Type == PieceType.Control) yield return new(id, model.Pieces[id].Piece, IsSpecial: true);
    }

    private sealed class Scratch(Viterbi? viterbi, ScoredMerger? merger)
    {
        public Viterbi? Viterbi => viterbi;

        public ScoredMerger? Merger => merger;

        public byte[] Text { get; set; } = new byte[256];

        public ByteBuffer Normalized { get; } = new();

        public List<int> Ids { get; } = [];

        public List<int> Lengths { get; } = [];
    }
}
