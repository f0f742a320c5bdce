using System.Text;

namespace Stemma.Text.Tokenizers.Characters;

/// <summary>
/// One token per character (Unicode scalar value), as in nanoGPT's character-level Shakespeare. A character outside the
/// vocabulary becomes its UTF-8 bytes when the tokenizer has byte tokens, and is an error when it has none.
/// </summary>
/// <remarks>
/// <para><c>tokenizer.json</c> holds it as a BPE model without merges, without a pre-tokenizer, and with a <c>Fuse</c> decoder:
/// there a character that no merge touches stays a token, and <c>byte_fallback</c> is exactly the fallback above
/// (<c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c>). WordLevel has no byte fallback.</para>
/// <para>Without byte tokens Hugging Face's library drops a character it does not know; this class throws instead.</para>
/// </remarks>
public sealed class CharacterTokenizer : Tokenizer
{
    private readonly string[] pieces;
    private readonly Dictionary<int, int> idOfScalar = [];
    private readonly int[] idOfBasicPlane;
    private readonly int[]? byteIds;

    internal CharacterTokenizer(string[] pieces, IReadOnlyList<AddedToken> added, int[]? byteIds)
        : base(new Vocabulary(TokenBytes(pieces, byteIds)), added)
    {
        this.pieces = pieces;
        this.byteIds = byteIds;
        var notCharacters = added.Select(token => token.Id).Concat(byteIds ?? []).ToHashSet();
        for (var id = 0; id < pieces.Length; id++)
            if (!notCharacters.Contains(id)) idOfScalar.Add(Rune.GetRuneAt(pieces[id], 0).Value, id);
        idOfBasicPlane = new int[idOfScalar.Keys.Where(scalar => scalar <= char.MaxValue).DefaultIfEmpty(-1).Max() + 1];
        Array.Fill(idOfBasicPlane, -1);
        foreach (var (scalar, id) in idOfScalar)
            if (scalar < idOfBasicPlane.Length) idOfBasicPlane[scalar] = id;
    }

    /// <summary>How many characters are tokens of their own.</summary>
    public int CharacterCount => idOfScalar.Count;

    /// <summary>Whether characters outside the vocabulary become their UTF-8 bytes.</summary>
    public bool HasByteFallback => byteIds is not null;

    internal int[]? ByteIds => byteIds;

    /// <inheritdoc/>
    public override string Piece(int id)
    {
        _ = Bytes(id);
        return pieces[id];
    }

    /// <inheritdoc/>
    public override int CutPoint(ReadOnlySpan<char> text, int limit)
    {
        if (!Added.NeverMatch(allowSpecial: false)) return 0;
        var position = Math.Min(limit, text.Length - 1);
        if (position > 0 && char.IsLowSurrogate(text[position]) && char.IsHighSurrogate(text[position - 1])) position--;
        return Math.Max(position, 0);
    }

    /// <summary>The spelling of byte tokens, <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c>.</summary>
    internal static string BytePiece(int value) => $"<0x{value:X2}>";

    private protected override void EncodePlain(ReadOnlySpan<char> text, int offset, List<int> destination)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (var position = 0; position < text.Length;)
        {
            if (text[position] < idOfBasicPlane.Length && idOfBasicPlane[text[position]] is var id and >= 0)
            {
                destination.Add(id);
                position++;
                continue;
            }

            Rune.DecodeFromUtf16(text[position..], out var rune, out var consumed);
            if (idOfScalar.TryGetValue(rune.Value, out id)) destination.Add(id);
            else if (byteIds is null) throw Unknown(rune, offset + position);
            else foreach (var value in utf8[..rune.EncodeToUtf8(utf8)]) destination.Add(byteIds[value]);
            position += consumed;
        }
    }

    private protected override void AddTo(TokenizerHash hash)
    {
        hash.Add("characters");
        hash.Add(byteIds?.Length ?? 0);
        foreach (var id in byteIds ?? []) hash.Add(id);
    }

    private static byte[][] TokenBytes(string[] pieces, int[]? byteIds)
    {
        var tokens = Array.ConvertAll(pieces, Encoding.UTF8.GetBytes);
        for (var value = 0; value < byteIds?.Length; value++) tokens[byteIds[value]] = [(byte)value];
        return tokens;
    }

    private TextFormatException Unknown(Rune rune, int offset) => new(
        $"The character '{rune}' (U+{rune.Value:X4}) at offset {offset} is not among the {CharacterCount} characters of this tokenizer. " +
        "Train the tokenizer on text that holds it, or with byte fallback.");
}
