namespace Stemma.Text.Tokenizers.Unigram;

/// <summary>
/// The most probable segmentation, one pass from left to right (Viterbi 1967): the best way to each character boundary from the best ways
/// before it. As in SentencePiece a sum is made in 64 bits, compared with
/// the best so far, and kept in 32, so that ties fall alike. Serves one thread at a time.
/// </summary>
internal sealed class Viterbi(UnigramPieces pieces)
{
    private float[] best = [];
    private int[] starts = [];
    private int[] ids = [];

    /// <summary>Appends the pieces of a text, and the bytes each covers.</summary>
    public void Segment(ReadOnlySpan<byte> text, List<int> destination, List<int> lengths)
    {
        if (best.Length <= text.Length) (best, starts, ids) = (new float[text.Length * 2], new int[text.Length * 2], new int[text.Length * 2]);
        starts.AsSpan(0, text.Length + 1).Fill(-1);
        best[0] = 0;
        var trie = pieces.Trie;
        for (var start = 0; start < text.Length;)
        {
            var until = best[start];
            var character = Math.Min(UnigramPieces.CharacterLength(text[start]), text.Length - start);
            var covered = false;
            var node = 0;
            for (var end = start; end < text.Length;)
            {
                node = trie.Step(node, text[end]);
                if (node == ByteTrie.None) break;
                end++;
                var id = trie.Value(node);
                if (id < 0) continue;
                Offer(start, end, pieces.Score(id, end - start) + (double)until, id);
                covered |= end - start == character;
            }

            if (!covered) Offer(start, start + character, pieces.UnknownScore + until, pieces.Unknown);
            start += character;
        }

        var first = destination.Count;
        for (var end = text.Length; end > 0; end = starts[end])
        {
            destination.Add(ids[end]);
            lengths.Add(end - starts[end]);
        }

        destination.Reverse(first, destination.Count - first);
        lengths.Reverse(lengths.Count - (destination.Count - first), destination.Count - first);
    }

    private void Offer(int start, int end, double score, int id)
    {
        if (starts[end] >= 0 && score <= best[end]) return;
        (best[end], starts[end], ids[end]) = ((float)score, start, id);
    }
}
