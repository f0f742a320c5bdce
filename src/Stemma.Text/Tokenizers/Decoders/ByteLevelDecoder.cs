using System.Text;
using Stemma.Text.Tokenizers.Bpe;

namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>GPT-2's alphabet back to bytes, and those to text; bytes that are not UTF-8 become U+FFFD (<c>ByteLevel</c>).</summary>
/// <param name="addPrefixSpace">Kept for the file; decoding does not depend on it.</param>
/// <param name="trimOffsets">Kept for the file likewise.</param>
/// <param name="useRegex">Kept for the file likewise.</param>
public sealed class ByteLevelDecoder(bool addPrefixSpace = true, bool trimOffsets = true, bool useRegex = true) : TokenDecoder
{
    /// <summary>As the file says.</summary>
    public bool AddPrefixSpace { get; } = addPrefixSpace;

    /// <summary>As the file says.</summary>
    public bool TrimOffsets { get; } = trimOffsets;

    /// <summary>As the file says.</summary>
    public bool UseRegex { get; } = useRegex;

    internal override bool Fuses => true;

    internal override DecoderStage Start() => new Stage();

    internal override DecoderStage StartFused() => new Stage();

    /// <summary>The bytes of a token; one not spelled in the alphabet stands for itself.</summary>
    internal static byte[] Bytes(string piece) => ByteAlphabet.Read(piece) ?? Encoding.UTF8.GetBytes(piece);

    private sealed class Stage : DecoderStage
    {
        private readonly Decoder utf8 = new UTF8Encoding(false).GetDecoder();

        public override void Append(string piece, List<string> output) => Decode(Bytes(piece), flush: false, output);

        public override void Flush(List<string> output) => Decode([], flush: true, output);

        private void Decode(byte[] bytes, bool flush, List<string> output)
        {
            var text = new char[utf8.GetCharCount(bytes, flush)];
            utf8.GetChars(bytes, text, flush);
            if (text.Length > 0) output.Add(new string(text));
        }
    }
}
