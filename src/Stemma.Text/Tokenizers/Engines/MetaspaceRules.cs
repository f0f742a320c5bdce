using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.Normalizers;
using Stemma.Text.Tokenizers.Patterns;

namespace Stemma.Text.Tokenizers.Engines;

/// <summary>
/// BPE as SentencePiece has it, in <c>tokenizer.json</c> (Llama 2, Phi-3): spaces are written ▁ and one leads. Where no merge joins a ▁ to what stands before
/// it, spaces and what follows them are a word.
/// </summary>
internal readonly struct MetaspaceRules(BpeModelEncoder encoder) : IWordRules
{
    private readonly List<int> ids = [];
    private readonly NormalizedText spelling = new();

    /// <summary>The engine for a pipeline of this kind and nothing else; null for any other.</summary>
    public static WordEngine? For(Pipeline pipeline) => pipeline is
    {
        PreTokenizer: null,
        Model: BpeModel { SplitsBeforeMetaspace: true } model,
        Normalizer: SequenceNormalizer { Parts: [PrependNormalizer { Content: "▁" }, ReplaceNormalizer { Pattern: LiteralPattern { Content: " " }, Content: "▁" }] },
    }
        ? new WordEngine<MetaspaceRules>(SpacePrefix.Always, () => new MetaspaceRules(new BpeModelEncoder(model)))
        : null;

    public int Length(Vector128<byte> characters, uint beyond)
    {
        // A ▁ in the text is a space too, so what is outside ASCII needs a closer look.
        var spaces = Vector128.Equals(characters, Vector128.Create((byte)' ')).ExtractMostSignificantBits();
        var start = (int)(spaces & 1);
        var length = start + BitOperations.TrailingZeroCount((spaces | 0x10000) >> start);
        return length < AsciiWords.Window && length > start && (beyond & ((1u << length) - 1)) == 0 ? length : 0;
    }

    public int WordEnd(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        while (end < text.Length && text[end] is ' ' or BpeModel.Metaspace) end++;
        var length = text[end..].IndexOfAny(' ', BpeModel.Metaspace);
        return length < 0 ? text.Length : end + length;
    }

    public ReadOnlySpan<int> Encode(ReadOnlySpan<char> word)
    {
        ids.Clear();
        spelling.Reset(word, aligned: false);
        spelling.Replace(' ', BpeModel.Metaspace);
        encoder.EncodePart(spelling.Chars, ids, null);
        return CollectionsMarshal.AsSpan(ids);
    }

    public int CutPoint(ReadOnlySpan<char> text, int limit) => 0;
}
