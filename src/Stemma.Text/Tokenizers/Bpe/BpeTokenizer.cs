using System.Text;
using Stemma.Text.Tokenizers.Engines;
using Stemma.Text.Tokenizers.Patterns;

namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// Byte-level byte pair encoding, GPT-2's tokenizer (Radford et al. 2019; Sennrich et al. 2016, arXiv:1508.07909): text is
/// divided into words by GPT-2's pattern, a word into its UTF-8 bytes, and bytes are merged in the order the merges were
/// learned. All 256 bytes are tokens, so every text can be encoded and decodes to itself.
/// </summary>
public sealed class BpeTokenizer : Tokenizer
{
    private readonly WordEngine engine;
    private readonly bool[] isAdded;

    internal BpeTokenizer(IReadOnlyList<byte[]> tokens, IReadOnlyList<BpeMerge> merges, IReadOnlyList<AddedToken> added, bool addPrefixSpace)
        : base(new Vocabulary(tokens), added)
    {
        Merges = merges;
        AddPrefixSpace = addPrefixSpace;
        var table = new MergeTable(merges);
        isAdded = new bool[tokens.Count];
        foreach (var token in added) isAdded[token.Id] = true;
        var byteIds = new int[256];
        for (var id = tokens.Count - 1; id >= 0; id--)
            if (tokens[id].Length == 1 && !isAdded[id]) byteIds[tokens[id][0]] = id;
        engine = ByteLevelRules.For(Gpt2Scanner.Instance, addPrefixSpace, byteIds, table);
    }

    /// <summary>The merges in the order they are applied, first learned first.</summary>
    public IReadOnlyList<BpeMerge> Merges { get; }

    /// <summary>Whether a space is put before a text that does not begin with one; the decoded text then begins with it too.</summary>
    public bool AddPrefixSpace { get; }

    /// <inheritdoc/>
    public override string Piece(int id)
    {
        var bytes = Bytes(id);
        return isAdded[id] ? Encoding.UTF8.GetString(bytes) : ByteAlphabet.Spell(bytes);
    }

    /// <inheritdoc/>
    public override int CutPoint(ReadOnlySpan<char> text, int limit) =>
        Added.NeverMatch(allowSpecial: false) ? engine.CutPoint(text, limit) : 0;

    private protected override void EncodePlain(ReadOnlySpan<char> text, int offset, List<int> destination) => engine.Encode(text, destination);

    private protected override bool CountsBySegment => true;

    private protected override int CountPlain(ReadOnlySpan<char> text, int offset) => engine.Encode(text, null);

    private protected override int PrefixLength(ReadOnlySpan<char> segment) => AddPrefixSpace && !segment.IsEmpty && segment[0] != ' ' ? 1 : 0;

    private protected override void AddTo(TokenizerHash hash)
    {
        hash.Add("byte-level BPE, GPT-2 pattern");
        hash.Add(AddPrefixSpace ? 1 : 0);
        hash.Add(Merges.Count);
        foreach (var merge in Merges)
        {
            hash.Add(merge.Left);
            hash.Add(merge.Right);
            hash.Add(merge.Result);
        }
    }
}
