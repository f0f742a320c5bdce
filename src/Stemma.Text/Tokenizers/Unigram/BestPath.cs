namespace Stemma.Text.Tokenizers.Unigram;

/// <summary>The best and the second-best segmentation of a word during training, in double precision. Serves one thread at a time.</summary>
internal sealed class BestPath
{
    private double[] best = [];
    private int[] starts = [];
    private int[] ids = [];

    /// <summary>The pieces of the segmentation found last; −1 for a character that no piece covers.</summary>
    public List<int> Ids { get; } = [];

    /// <summary>Finds the best segmentation, without one of one whole piece when that is barred.</summary>
    public void Find(ReadOnlySpan<byte> text, ByteTrie trie, double[] scores, double unknownScore, int barred = -1)
    {
        if (best.Length <= text.Length) (best, starts, ids) = (new double[text.Length * 2 + 1], new int[text.Length * 2 + 1], new int[text.Length * 2 + 1]);
        best.AsSpan(0, text.Length + 1).Fill(double.NegativeInfinity);
        best[0] = 0;
        for (var start = 0; start < text.Length;)
        {
            var character = Math.Min(UnigramPieces.CharacterLength(text[start]), text.Length - start);
            var covered = false;
            for (int end = start, node = 0; end < text.Length && (node = trie.Step(node, text[end])) != ByteTrie.None;)
            {
                end++;
                var id = trie.Value(node);
                if (id < 0) continue;
                covered |= end - start == character;
                if (id != barred || end - start < text.Length) Offer(start, end, best[start] + scores[id], id);
            }

            if (!covered) Offer(start, start + character, best[start] + unknownScore, -1);
            start += character;
        }

        Ids.Clear();
        if (double.IsNegativeInfinity(best[text.Length])) return;
        for (var end = text.Length; end > 0; end = starts[end]) Ids.Add(ids[end]);
        Ids.Reverse();
    }

    private void Offer(int start, int end, double score, int id)
    {
        if (score > best[end]) (best[end], starts[end], ids[end]) = (score, start, id);
    }
}
