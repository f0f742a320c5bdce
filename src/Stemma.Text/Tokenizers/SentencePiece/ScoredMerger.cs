using System.Text;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.Unigram;

namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>
/// SentencePiece's byte pair encoding: characters, then of all adjacent parts that make a piece those with the highest score are merged, the leftmost of equals
/// first. User-defined pieces stay whole. With dropout a merge is left out now and then (Provilkov et al. 2020, arXiv:1910.13267).
/// Serves one thread at a time.
/// </summary>
internal sealed class ScoredMerger
{
    private readonly SentencePieceNormalizer normalizer;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly IReadOnlyList<SentencePieceEntry> pieces;
    private readonly int unknown;
    private readonly PriorityQueue<(int Left, int Right, int Size), (float Score, int Left)> agenda = new(HighestScoreThenLeftmost.Instance);
    private readonly Dictionary<string, (string Left, string Right)> divided = new(StringComparer.Ordinal);
    private Part[] parts = new Part[64];
    private char[] letters = new char[64];

    public ScoredMerger(SentencePieceModel model, SentencePieceNormalizer normalizer, Dictionary<string, int> ids, int unknown)
    {
        (this.normalizer, pieces, this.unknown) = (normalizer, model.Pieces, unknown);
        lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Appends the pieces of a text, and the bytes each covers.</summary>
    /// <param name="text">UTF-8, normalised.</param>
    /// <param name="dropout">The probability to leave a merge out, 0 ≤ p ≤ 1.</param>
    /// <param name="random">Decides what is left out.</param>
    /// <param name="destination">Where the ids go.</param>
    /// <param name="lengths">Where the bytes of each go.</param>
    public void Segment(ReadOnlySpan<byte> text, double dropout, ref SplitMix random, List<int> destination, List<int> lengths)
    {
        // Letters are UTF-16 to look pieces up without making strings; a part knows its bytes.
        if (letters.Length < text.Length) letters = new char[text.Length * 2];
        Encoding.UTF8.GetChars(text, letters);
        var count = Divide(text);
        agenda.Clear();
        for (var i = 1; i < count; i++) Offer(i - 1, i);
        while (agenda.TryDequeue(out var top, out _))
        {
            ref var left = ref parts[top.Left];
            ref var right = ref parts[top.Right];
            if (left.Size == 0 || right.Size == 0 || left.Size + right.Size != top.Size) continue;
            if (dropout > 0 && random.NextDouble() < dropout) continue;
            left.Size += right.Size;
            left.Bytes += right.Bytes;
            left.Next = right.Next;
            if (right.Next >= 0) parts[right.Next].Previous = top.Left;
            right.Size = 0;
            if (left.Previous >= 0) Offer(left.Previous, top.Left);
            if (left.Next >= 0) Offer(top.Left, left.Next);
        }

        for (var i = 0; i >= 0; i = parts[i].Next) Add(letters.AsSpan(parts[i].Start, parts[i].Size), parts[i].Bytes, destination, lengths);
    }

    private int Divide(ReadOnlySpan<byte> text)
    {
        var (count, letter) = (0, 0);
        for (var at = 0; at < text.Length; count++)
        {
            var own = normalizer.UserDefined(text[at..]);
            var bytes = own > 0 ? own : Math.Min(UnigramPieces.CharacterLength(text[at]), text.Length - at);
            var size = Encoding.UTF8.GetCharCount(text.Slice(at, bytes));
            if (count == parts.Length) Array.Resize(ref parts, count * 2);
            parts[count] = new Part { Start = letter, Size = size, Bytes = bytes, Previous = count - 1, Next = count + 1, IsFixed = own > 0 };
            at += bytes;
            letter += size;
        }

        parts[count - 1].Next = -1;
        return count;
    }

    private void Offer(int left, int right)
    {
        if (parts[left].IsFixed || parts[right].IsFixed) return;
        var piece = letters.AsSpan(parts[left].Start, parts[left].Size + parts[right].Size);
        if (!lookup.TryGetValue(piece, out var id) || pieces[id].Type is not (PieceType.Normal or PieceType.UserDefined or PieceType.Unused)) return;
        agenda.Enqueue((left, right, piece.Length), (pieces[id].Score, left));
        if (pieces[id].Type == PieceType.Unused)
            divided[pieces[id].Piece] = (piece[..parts[left].Size].ToString(), piece[parts[left].Size..].ToString());
    }

    private void Add(ReadOnlySpan<char> piece, int bytes, List<int> destination, List<int> lengths)
    {
        if (!lookup.TryGetValue(piece, out var id)) id = unknown;
        else if (pieces[id].Type == PieceType.Unused && divided.TryGetValue(pieces[id].Piece, out var halves))
        {
            Add(halves.Left, Encoding.UTF8.GetByteCount(halves.Left), destination, lengths);
            Add(halves.Right, Encoding.UTF8.GetByteCount(halves.Right), destination, lengths);
            return;
        }

        destination.Add(id);
        lengths.Add(bytes);
    }

    private struct Part
    {
        public int Start;
        public int Size;
        public int Bytes;
        public int Previous;
        public int Next;
        public bool IsFixed;
    }

    private sealed class HighestScoreThenLeftmost : IComparer<(float Score, int Left)>
    {
        public static HighestScoreThenLeftmost Instance { get; } = new();

        public int Compare((float Score, int Left) x, (float Score, int Left) y) => x.Score != y.Score ? y.Score.CompareTo(x.Score) : x.Left.CompareTo(y.Left);
    }
}
