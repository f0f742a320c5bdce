using System.Text;
using Stemma.Text.Unicode;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>
/// Divides where the script changes, as SentencePiece does while it trains (<c>UnicodeScripts</c>): kana count as Han, a space and characters
/// without a script belong to what stands before them.
/// </summary>
/// <remarks>As in the original, those at the beginning, with nothing before them, go.</remarks>
public sealed class ScriptPreTokenizer : PreTokenizer
{
    private static readonly int Han = Array.IndexOf(UnicodeTables.ScriptNames, "Han");
    private static readonly int Hiragana = Array.IndexOf(UnicodeTables.ScriptNames, "Hiragana");
    private static readonly int Katakana = Array.IndexOf(UnicodeTables.ScriptNames, "Katakana");

    internal override void Apply(PreTokens tokens)
    {
        var chars = tokens.Text.Chars;
        foreach (var (start, end) in tokens.Ranges)
        {
            var (from, last) = (start, 0);
            for (var at = start; at < end;)
            {
                Rune.DecodeFromUtf16(chars[at..end], out var rune, out var length);
                if (ScriptOf(rune.Value) is var script and not 0)
                {
                    if (script != last)
                    {
                        if (last != 0) tokens.Add(from, at);
                        from = at;
                    }

                    last = script;
                }

                at += length;
            }

            if (last != 0) tokens.Add(from, end);
        }

        tokens.Commit();
    }

    private static int ScriptOf(int code)
    {
        if (code == ' ') return 0;
        if (code == 0x30FC) return Han;
        var script = UnicodeLookup.Script(code);
        return script == Hiragana || script == Katakana ? Han : script;
    }
}
