using System.Globalization;
using System.Text;

namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>
/// Runs of byte tokens <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c> back to text; a run that is not UTF-8 is a U+FFFD for every byte (<c>ByteFallback</c>).
/// </summary>
public sealed class ByteFallbackDecoder : TokenDecoder
{
    internal override DecoderStage Start() => new Stage();

    /// <summary>The byte a token stands for; −1 when it is none.</summary>
    internal static int ByteOf(string piece) =>
        piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[5] == '>' && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : -1;

    private sealed class Stage : DecoderStage
    {
        private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
        private readonly List<byte> run = [];

        public override void Append(string piece, List<string> output)
        {
            if (ByteOf(piece) is var value and >= 0)
            {
                run.Add((byte)value);
                return;
            }

            Flush(output);
            output.Add(piece);
        }

        public override void Flush(List<string> output)
        {
            if (run.Count == 0) return;
            byte[] bytes = [.. run];
            run.Clear();
            output.Add(System.Text.Unicode.Utf8.IsValid(bytes) ? Strict.GetString(bytes) : new string('\uFFFD', bytes.Length));
        }
    }
}
