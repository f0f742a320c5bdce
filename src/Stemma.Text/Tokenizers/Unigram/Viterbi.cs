namespace Stemma.Text.Tokenizers.Unigram;

/// <summary>
/// The most probable segmentation, one pass from left to right (Viterbi 1967): the best way to each character boundary from the best ways
/// before it. As in SentencePiece a sum is made in 64 bits, compared with
/// the best so far, and kept in 32, so that ties fall alike. Serves one thread at a time.
/// </summary>
/// <remarks>
/// Such a sum has 24 bits: over megabytes it grows until it no longer tells pieces apart, and a text falls into fine ones. So a long text is divided in stretches that
/// begin with a sum of 0, at places that no piece crosses, where the choice is the same; where there is none for long, all sums are lowered alike. SentencePiece has no such measure: texts
/// longer than a stretch may be divided better here. Memory is that of a stretch.
/// </remarks>
internal sealed class Viterbi(UnigramPieces pieces)
{
    /// <summary>A stretch ends after so many bytes, at the next place that no piece crosses.</summary>
    public const int StretchLength = 1 << 15;

    private const int Nowhere = -1;

    private float[] best = [];
    private int[] starts = [];
    private int[] ids = [];
    private int reach;

    /// <summary>Appends the pieces of a text, and the bytes each covers.</summary>
    public void Segment(ReadOnlySpan<byte> text, List<int> destination, List<int> lengths)
    {
        while (!text.IsEmpty) text = text[Stretch(text, destination, lengths)..];
    }

    private int Stretch(ReadOnlySpan<byte> text, List<int> destination, List<int> lengths)
    {
        (reach, var nextLowering, var start) = (0, StretchLength, 0);
        Reserve(0);
        best[0] = 0;
        while (start < text.Length && (start < StretchLength || start < reach))
        {
            if (start >= nextLowering)
            {
                nextLowering = start + StretchLength;
                Lower(start);
            }

            start += Extend(text, start);
        }

        var first = destination.Count;
        for (var end = start; end > 0; end = starts[end])
        {
            destination.Add(ids[end]);
            lengths.Add(end - starts[end]);
        }

        destination.Reverse(first, destination.Count - first);
        lengths.Reverse(lengths.Count - (destination.Count - first), destination.Count - first);
        starts.AsSpan(0, reach + 1).Fill(Nowhere);
        return start;
    }

    // Offers all pieces that begin at a place; how long the character there is.
    private int Extend(ReadOnlySpan<byte> text, int start)
    {
        var until = best[start];
        var character = Math.Min(UnigramPieces.CharacterLength(text[start]), text.Length - start);
        var covered = false;
        var trie = pieces.Trie;
        for (int end = start, node = 0; end < text.Length && (node = trie.Step(node, text[end])) != ByteTrie.None;)
        {
            end++;
            var id = trie.Value(node);
            if (id < 0) continue;
            Offer(start, end, pieces.Score(id, end - start) + (double)until, id);
            covered |= end - start == character;
        }

        if (!covered) Offer(start, start + character, pieces.UnknownScore + until, pieces.Unknown);
        return character;
    }

    private void Offer(int start, int end, double score, int id)
    {
        if (end > reach)
        {
            Reserve(end);
            reach = end;
        }

        if (starts[end] != Nowhere && score <= best[end]) return;
        (best[end], starts[end], ids[end]) = ((float)score, start, id);
    }

    // What is still to be compared keeps its differences.
    private void Lower(int from)
    {
        var sum = best[from];
        for (var end = from; end <= reach; end++) best[end] -= sum;
    }

    private void Reserve(int end)
    {
        if (end < best.Length) return;
        var (before, size) = (best.Length, Math.Max(1024, end * 2));
        Array.Resize(ref best, size);
        Array.Resize(ref starts, size);
        Array.Resize(ref ids, size);
        starts.AsSpan(before).Fill(Nowhere);
    }
}
