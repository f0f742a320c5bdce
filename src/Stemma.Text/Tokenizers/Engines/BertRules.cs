using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.Normalizers;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Engines;

/// <summary>
/// BERT: ASCII letters and digits up to a space or punctuation are a word, and so is punctuation; anything else goes through the pipeline as far as the next
/// space. No step of it looks across a space, and none but the dropping of marks and controls, which is left to it, across punctuation.
/// </summary>
internal readonly struct BertRules(Pipeline pipeline) : IWordRules
{
    private const string Spaces = " \t\n\r";
    private readonly PipelineSession session = new(pipeline);

    /// <summary>The engine for a pipeline that is BERT's and nothing else; null for any other.</summary>
    public static WordEngine? For(Pipeline pipeline) => pipeline is { PreTokenizer: BertPreTokenizer, Model: WordPieceModel, Normalizer: BertNormalizer { CleanText: true } }
        ? new WordEngine<BertRules>(SpacePrefix.Never, () => new BertRules(pipeline))
        : null;

    public int Length(Vector128<byte> characters, uint beyond)
    {
        var letters = Vector128.LessThan((characters | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)26));
        var digits = Vector128.LessThan(characters - Vector128.Create((byte)'0'), Vector128.Create((byte)10));
        var word = (letters | digits).ExtractMostSignificantBits();
        var plain = (Vector128.LessThan(characters - Vector128.Create((byte)' '), Vector128.Create((byte)('~' - ' ' + 1))) | Vector128.Equals(characters, Vector128.Create((byte)'\n'))).ExtractMostSignificantBits();
        var start = characters.ToScalar() == ' ' ? 1 : 0;
        var length = start + BitOperations.TrailingZeroCount(~(word >> start));

        // What follows must not be a mark, a control or the end of the sixteen.
        return length > start && length < AsciiWords.Window && ((plain >> length) & 1) != 0 ? length : 0;
    }

    public int WordEnd(ReadOnlySpan<char> text, int start)
    {
        var from = start;
        while (from < text.Length && Spaces.Contains(text[from])) from++;
        var end = from;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end])) end++;
        if (end == from && end < text.Length && char.IsAscii(text[end]) && !char.IsControl(text[end])) end++;
        if (end == text.Length || text[end] is '\t' or '\n' or '\r' or (>= ' ' and <= '~')) return end;
        var rest = text[end..].IndexOfAny(Spaces);
        return rest < 0 ? text.Length : end + rest;
    }

    public ReadOnlySpan<int> Encode(ReadOnlySpan<char> word)
    {
        session.Ids.Clear();
        session.Normalized.Reset(word, aligned: false);
        pipeline.Normalizer!.Apply(session.Normalized);
        session.Words.Text.Take(session.Normalized, 0, session.Normalized.Chars.Length);
        session.Encode(isFirst: false, session.Ids);
        return CollectionsMarshal.AsSpan(session.Ids);
    }

    public int CutPoint(ReadOnlySpan<char> text, int limit) => text.IsEmpty ? 0 : Math.Max(0, text[..Math.Min(limit + 1, text.Length)].LastIndexOfAny(Spaces));
}
