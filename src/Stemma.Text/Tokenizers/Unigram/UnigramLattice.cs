using Stemma.Text.Tokenizers.Models;

namespace Stemma.Text.Tokenizers.Unigram;

/// <summary>
/// All segmentations of one text at once: the pieces that fit at each place. Gives the n best, samples by probability, and tells how probable
/// each piece is (Kudo 2018, arXiv:1804.10959, §3). Double precision; meant for sentences.
/// </summary>
internal sealed class UnigramLattice
{
    private readonly List<(int Start, int Id, double Score)>[] endingAt;
    private readonly int length;

    public UnigramLattice(UnigramPieces pieces, ReadOnlySpan<byte> text)
    {
        length = text.Length;
        endingAt = new List<(int, int, double)>[length + 1];
        for (var i = 0; i <= length; i++) endingAt[i] = [];
        for (var start = 0; start < length;)
        {
            var character = Math.Min(UnigramPieces.CharacterLength(text[start]), length - start);
            var covered = false;
            for (int end = start, node = 0; end < length && (node = pieces.Trie.Step(node, text[end])) != ByteTrie.None;)
            {
                end++;
                var id = pieces.Trie.Value(node);
                if (id < 0) continue;
                endingAt[end].Add((start, id, pieces.Score(id, end - start)));
                covered |= end - start == character;
            }

            if (!covered) endingAt[start + character].Add((start, pieces.Unknown, pieces.UnknownScore));
            start += character;
        }
    }

    /// <summary>The n most probable segmentations with their log-probabilities, best first; fewer when there are not so many.</summary>
    /// <remarks>A* from the end, with the best score to the left of each place as its exact estimate.</remarks>
    public List<(int[] Ids, int[] Lengths, double Score)> Best(int count)
    {
        var left = Sums(alpha: 1, max: true);
        List<(int[], int[], double)> found = [];
        List<(int Previous, int Position, int Id, int Length, double Score)> steps = [(-1, length, -1, 0, 0)];
        var queue = new PriorityQueue<int, (double, int)>();
        queue.Enqueue(0, (-left[length], 0));
        while (found.Count < count && queue.TryDequeue(out var at, out _))
        {
            var (_, position, _, _, score) = steps[at];
            if (position == 0)
            {
                List<int> ids = [], lengths = [];
                for (var step = at; steps[step].Previous >= 0; step = steps[step].Previous)
                {
                    ids.Add(steps[step].Id);
                    lengths.Add(steps[step].Length);
                }

                found.Add(([.. ids], [.. lengths], score));
                continue;
            }

            foreach (var (start, id, own) in endingAt[position])
            {
                if (double.IsNegativeInfinity(left[start])) continue;
                steps.Add((at, start, id, position - start, score + own));
                queue.Enqueue(steps.Count - 1, (-(score + own + left[start]), steps.Count));
            }
        }

        return found;
    }

    /// <summary>One segmentation, drawn with probability ∝ P(segmentation)^α: sums from the left, then choices from the right.</summary>
    /// <param name="alpha">α &gt; 0: near 0 all segmentations are as probable, large values leave the best one.</param>
    /// <param name="random">Decides it.</param>
    public (int[] Ids, int[] Lengths) Sample(double alpha, ref SplitMix random)
    {
        var left = Sums(alpha, max: false);
        List<int> ids = [], lengths = [];
        for (var position = length; position > 0;)
        {
            var drawn = random.NextDouble();
            var chosen = endingAt[position][^1];
            foreach (var edge in endingAt[position])
            {
                drawn -= Math.Exp(left[edge.Start] + alpha * edge.Score - left[position]);
                if (drawn >= 0) continue;
                chosen = edge;
                break;
            }

            ids.Add(chosen.Id);
            lengths.Add(position - chosen.Start);
            position = chosen.Start;
        }

        ids.Reverse();
        lengths.Reverse();
        return ([.. ids], [.. lengths]);
    }

    /// <summary>The log-probability of the text: all segmentations summed.</summary>
    public double LogProbability() => Sums(alpha: 1, max: false)[length];

    private double[] Sums(double alpha, bool max)
    {
        var sums = new double[length + 1];
        Array.Fill(sums, double.NegativeInfinity);
        sums[0] = 0;
        for (var end = 1; end <= length; end++)
        {
            foreach (var (start, _, score) in endingAt[end])
            {
                var way = sums[start] + alpha * score;
                sums[end] = max ? Math.Max(sums[end], way) : LogSum(sums[end], way);
            }
        }

        return sums;
    }

    private static double LogSum(double x, double y)
    {
        var (small, large) = x < y ? (x, y) : (y, x);
        return double.IsNegativeInfinity(small) ? large : large + Math.Log(1 + Math.Exp(small - large));
    }
}
