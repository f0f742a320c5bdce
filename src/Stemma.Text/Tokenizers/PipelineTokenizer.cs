using System.Collections.Concurrent;
using Stemma.Text.Tokenizers.Decoders;
using Stemma.Text.Tokenizers.Engines;
using Stemma.Text.Tokenizers.Formats;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.PostProcessors;

namespace Stemma.Text.Tokenizers;

/// <summary>
/// A tokenizer put together from parts, as <c>tokenizer.json</c> describes it: normalizer, pre-tokenizer, model, post-processor, decoder.
/// </summary>
/// <remarks>
/// <see cref="Tokenizer.Encode(string, bool)"/> gives the tokens of the text alone; <see cref="Process"/> gives a model's input, with the tokens a
/// post-processor adds, cut and padded.
/// </remarks>
public sealed class PipelineTokenizer : Tokenizer
{
    private readonly ConcurrentBag<PipelineSession> sessions = [];
    private readonly WordEngine? engine;
    private readonly string[] pieces;

    /// <summary>A tokenizer of these parts.</summary>
    /// <exception cref="ArgumentException">Ids have gaps.</exception>
    public PipelineTokenizer(Pipeline pipeline)
        : base(PipelineVocabulary.Build(pipeline), new AddedTokens(pipeline.AddedTokens, pipeline.Normalizer is { } normalizer ? normalizer.Normalize : null))
    {
        Pipeline = pipeline;
        pieces = PipelineVocabulary.Pieces(pipeline);
        engine = WordEngine.For(pipeline);
    }

    /// <summary>The parts.</summary>
    public Pipeline Pipeline { get; }

    /// <summary>Whether it runs on the fast path, word by word.</summary>
    internal bool IsFast => engine is not null;

    /// <inheritdoc/>
    public override string Piece(int id)
    {
        _ = Bytes(id);
        return pieces[id];
    }

    /// <inheritdoc/>
    public override int CutPoint(ReadOnlySpan<char> text, int limit) => engine is not null && Added.NeverMatch(allowSpecial: false) ? engine.CutPoint(text, limit) : 0;

    /// <inheritdoc/>
    public override string Decode(ReadOnlySpan<int> ids)
    {
        if (StartDecoder() is not { } stage) return base.Decode(ids);
        List<string> text = [];
        foreach (var id in ids) stage.Append(Piece(id), text);
        stage.Flush(text);
        return string.Concat(text);
    }

    /// <summary>A sampled segmentation (BPE-dropout, Unigram): what a model with randomness in its file trains on. The same seed, the same tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="seed">Decides the segmentation.</param>
    /// <param name="allowSpecial">Whether spellings of special tokens in the text become those tokens.</param>
    public int[] EncodeSampled(string text, ulong seed, bool allowSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = [];
        var random = new SplitMix(seed);
        var session = Take();
        foreach (var segment in Added.DivideRaw(text, allowSpecial))
        {
            if (segment.Token is { } token)
            {
                ids.Add(token.Id);
                continue;
            }

            foreach (var (added, isFirst) in Stretches(session, text.AsSpan(segment.Start, segment.Length), segment.Start, null, allowSpecial))
                if (added is null) session.Sample(isFirst, ref random, ids);
                else ids.Add(added.Value.Token.Id);
        }

        sessions.Add(session);
        return [.. ids];
    }

    /// <summary>A model's input from a text or a pair of texts.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text; null for none.</param>
    /// <param name="allowSpecial">Whether spellings of special tokens in the texts become those tokens.</param>
    public EncodedText Process(string text, string? pair = null, bool allowSpecial = false) => ProcessBatch([(text, pair)], allowSpecial)[0];

    /// <summary>Models' inputs from texts or pairs of them, padded to the longest where padding says so.</summary>
    /// <inheritdoc cref="Process"/>
    public IReadOnlyList<EncodedText> ProcessBatch(IReadOnlyList<(string Text, string? Pair)> texts, bool allowSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var inputs = texts.Select(entry => Assemble(entry.Text, entry.Pair, allowSpecial)).ToArray();
        if (Pipeline.Padding is not { } padding || inputs.Length == 0) return inputs;
        var longest = inputs.Max(input => input.Tokens.Count);
        return [.. inputs.Select(input => padding.Fill(input, longest))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TokenSpan> EncodeWithOffsets(string text, bool allowSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<(int Id, int Start, int End)> tokens = [];
        var map = new OffsetMap(text);
        var session = Take();
        foreach (var segment in Added.DivideRaw(text, allowSpecial))
        {
            var start = map.ByteOf(segment.Start);
            if (segment.Token is { } token)
            {
                tokens.Add((token.Id, start, map.ByteOf(segment.Start + segment.Length)));
                continue;
            }

            foreach (var (added, isFirst) in Stretches(session, text.AsSpan(segment.Start, segment.Length), segment.Start, start, allowSpecial))
                if (added is null) session.EncodeAligned(isFirst, tokens);
                else tokens.Add((added.Value.Token.Id, added.Value.Start, added.Value.End));
        }

        sessions.Add(session);
        return [.. tokens.Select(token =>
        {
            var (charStart, charEnd) = map.CharsOf(token.Start, token.End);
            return new TokenSpan(token.Id, pieces[token.Id], charStart, charEnd, token.Start, token.End);
        })];
    }

    internal override DecoderStage? StartDecoder() => Pipeline.Decoder is ByteLevelDecoder ? null : (Pipeline.Decoder ?? SpaceDecoder.Instance).Start();

    internal override void Encode(ReadOnlySpan<char> text, int offset, List<int> destination, bool allowSpecial)
    {
        if (engine is not null || Pipeline.Normalizer is null) base.Encode(text, offset, destination, allowSpecial);
        else EncodeNormalized(text, destination, allowSpecial);
    }

    private protected override void EncodePlain(ReadOnlySpan<char> text, int offset, List<int> destination)
    {
        if (engine is not null)
        {
            engine.Encode(text, destination);
            return;
        }

        var session = Take();
        session.Words.Text.Reset(text, aligned: false);
        session.Encode(isFirst: offset == 0, destination);
        sessions.Add(session);
    }

    private protected override bool CountsBySegment => engine is not null;

    private protected override int CountPlain(ReadOnlySpan<char> text, int offset) => engine?.Encode(text, null) ?? base.CountPlain(text, offset);

    private protected override void AddTo(TokenizerHash hash)
    {
        hash.Add("pipeline");
        Pipeline.Model.AddTo(hash);
        hash.Add(PipelineJson.Describe(Pipeline));
    }

    private void EncodeNormalized(ReadOnlySpan<char> text, List<int> destination, bool allowSpecial)
    {
        var session = Take();
        foreach (var segment in Added.DivideRaw(text, allowSpecial))
        {
            if (segment.Token is { } token)
            {
                destination.Add(token.Id);
                continue;
            }

            foreach (var (added, isFirst) in Stretches(session, text.Slice(segment.Start, segment.Length), segment.Start, null, allowSpecial))
                if (added is null) session.Encode(isFirst, destination);
                else destination.Add(added.Value.Token.Id);
        }

        sessions.Add(session);
    }

    // Normalises a segment and divides it by the tokens that are looked for then. Before a stretch is handed out it is put into session.Words.
    private StretchList Stretches(PipelineSession session, ReadOnlySpan<char> plain, int start, int? byteStart, bool allowSpecial)
    {
        session.Normalized.Reset(plain, byteStart is not null, byteStart ?? 0);
        Pipeline.Normalizer?.Apply(session.Normalized);
        return new StretchList(session, Added.DivideNormalized(session.Normalized.Chars, allowSpecial), start == 0);
    }

    private EncodedText Assemble(string text, string? pair, bool allowSpecial)
    {
        List<List<EncodedToken>> parts = [[.. EncodeWithOffsets(text, allowSpecial).Select(span => new EncodedToken(span, 0))]];
        if (pair is not null) parts.Add([.. EncodeWithOffsets(pair, allowSpecial).Select(span => new EncodedToken(span, 1))]);
        List<List<List<EncodedToken>>> overflow = [];
        if (Pipeline.Truncation is { } truncation)
        {
            var room = truncation.MaxLength - (Pipeline.PostProcessor?.AddedCount(pair is not null) ?? 0);
            if (room < 0) throw new TextFormatException($"Truncation to {truncation.MaxLength} tokens leaves no room: the post-processor alone adds {truncation.MaxLength - room}.");
            overflow = truncation.Cut(parts, room);
        }

        return new EncodedText(Finish(parts), [.. overflow.Select(window => new EncodedText(Finish(window), []))]);
    }

    private List<EncodedToken> Finish(List<List<EncodedToken>> parts) => [.. (Pipeline.PostProcessor?.Process(parts) ?? parts).SelectMany(part => part)];

    private PipelineSession Take() => sessions.TryTake(out var session) ? session : new PipelineSession(Pipeline);
}
