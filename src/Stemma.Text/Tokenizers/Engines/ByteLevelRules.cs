using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.Patterns;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Engines;

/// <summary>Byte-level BPE: words by a published expression, their bytes merged.</summary>
internal readonly struct ByteLevelRules(WordScanner scanner, BpeWordEncoder encoder) : IWordRules
{
    private readonly AsciiWords ascii = scanner.Ascii;

    /// <summary>The engine for a pipeline that is byte-level BPE and nothing else; null for any other.</summary>
    public static WordEngine? For(Pipeline pipeline)
    {
        if (pipeline.Normalizer is not null || pipeline.Model is not BpeModel model || Scanner(pipeline.PreTokenizer) is not var (scanner, prefix)) return null;
        if (model.Options is { ByteFallback: true } || !string.IsNullOrEmpty(model.Options.ContinuingPrefix) || !string.IsNullOrEmpty(model.Options.EndSuffix)) return null;
        var byteIds = new int[256];
        for (var value = 0; value < 256; value++)
            if ((byteIds[value] = model.IdOf(ByteAlphabet.Spell([(byte)value])[0])) < 0) return null;
        return For(scanner, prefix, byteIds, model.Table, model.Options.IgnoreMerges ? model : null);
    }

    /// <summary>The engine for these parts; see <see cref="BpeWordEncoder"/>.</summary>
    public static WordEngine For(WordScanner scanner, bool addPrefixSpace, int[] byteIds, MergeTable merges, BpeModel? wholeWords = null) =>
        new WordEngine<ByteLevelRules>(addPrefixSpace ? SpacePrefix.UnlessThere : SpacePrefix.Never, () => new ByteLevelRules(scanner, new BpeWordEncoder(byteIds, merges, wholeWords)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Length(Vector128<byte> characters, uint beyond) => ascii.Length(characters, beyond);

    public int WordEnd(ReadOnlySpan<char> text, int start) => scanner.WordEnd(text, start);

    public ReadOnlySpan<int> Encode(ReadOnlySpan<char> word) => encoder.Encode(word);

    public int CutPoint(ReadOnlySpan<char> text, int limit) => scanner.CutPoint(text, limit);

    private static (WordScanner Scanner, bool AddPrefixSpace)? Scanner(PreTokenizer? preTokenizer) => preTokenizer switch
    {
        ByteLevelPreTokenizer { UseRegex: true } byteLevel => (Gpt2Scanner.Instance, byteLevel.AddPrefixSpace),
        SequencePreTokenizer
        {
            Parts: [SplitPreTokenizer { Pattern: RegexPattern { Scanner: { } scanner } } split, ByteLevelPreTokenizer { UseRegex: false, AddPrefixSpace: false }],
        } when split is { Behavior: SplitBehavior.Isolated } or { Behavior: SplitBehavior.Removed, Invert: true } => (scanner, false),
        _ => null,
    };
}
