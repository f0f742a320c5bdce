using System.Text;
using Stemma.Text.Tokenizers.Decoders;

namespace Stemma.Text.Tokenizers;

/// <summary>
/// Turns tokens into text one at a time, for printing while a model generates. What it returns never breaks a character:
/// bytes of an incomplete one are held back until the rest arrives. The pieces, joined and followed by <see cref="Flush"/>,
/// equal <see cref="Tokenizer.Decode"/> of all the tokens.
/// </summary>
/// <param name="tokenizer">The tokenizer the ids belong to.</param>
public sealed class StreamingDecoder(Tokenizer tokenizer)
{
    private readonly DecoderStage? stage = tokenizer.StartDecoder();
    private readonly List<string> text = [];
    private readonly Decoder decoder = new UTF8Encoding(false).GetDecoder();
    private char[] buffer = new char[64];

    /// <summary>The text that token <paramref name="id"/> completes; empty while a character is incomplete.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public string Append(int id)
    {
        if (stage is null) return Decode(tokenizer.Bytes(id), flush: false);
        stage.Append(tokenizer.Piece(id), text);
        return Taken();
    }

    /// <summary>Ends the text: what was held back, U+FFFD when it ends inside a character, mostly nothing. The decoder can then be used afresh.</summary>
    public string Flush()
    {
        if (stage is null) return Decode([], flush: true);
        stage.Flush(text);
        return Taken();
    }

    private string Taken()
    {
        var taken = string.Concat(text);
        text.Clear();
        return taken;
    }

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        var count = decoder.GetCharCount(bytes, flush);
        if (count > buffer.Length) buffer = new char[count * 2];
        return new string(buffer, 0, decoder.GetChars(bytes, buffer, flush));
    }
}
