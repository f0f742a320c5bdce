using System.Text;
using Stemma.Text.Tokenizers.Models;

namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// Encodes one word after another: bytes, then merges, the lowest rank first and the leftmost of equals first (Sennrich et al.
/// 2016, arXiv:1508.07909). Holds scratch memory, so it serves one thread at a time.
/// </summary>
/// <param name="byteIds">The id of each single byte, 256 entries.</param>
/// <param name="merges">The ranks.</param>
/// <param name="wholeWords">The model whose vocabulary answers for words that are tokens, whatever the merges say; null for none.</param>
internal sealed class BpeWordEncoder(int[] byteIds, MergeTable merges, BpeModel? wholeWords = null)
{
    private const int Room = 256;
    private readonly WordMerger merger = new(merges);
    private byte[] bytes = new byte[Room];
    private char[] spelling = new char[Room];
    private int[] ids = new int[Room];

    /// <summary>The tokens of a word, good until the next call.</summary>
    public ReadOnlySpan<int> Encode(ReadOnlySpan<char> word)
    {
        var capacity = Encoding.UTF8.GetMaxByteCount(word.Length);
        if (bytes.Length < capacity) (bytes, spelling, ids) = (new byte[capacity], new char[capacity], new int[capacity]);
        var length = Encoding.UTF8.GetBytes(word, bytes);
        if (wholeWords is not null)
        {
            ByteAlphabet.Spell(bytes.AsSpan(0, length), spelling);
            if (wholeWords.TryGetId(spelling.AsSpan(0, length), out ids[0])) return ids.AsSpan(0, 1);
        }

        for (var i = 0; i < length; i++) ids[i] = byteIds[bytes[i]];
        return ids.AsSpan(0, merger.Merge(ids.AsSpan(0, length)));
    }
}
