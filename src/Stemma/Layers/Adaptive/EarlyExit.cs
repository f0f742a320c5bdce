using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// Blocks that a sequence leaves as soon as its last row is sure: after each block the head is asked, and where the likeliest class leads the next
/// by enough the sequence goes no deeper; the others go on, packed. Schuster et al. 2022 (CALM), arXiv:2207.07061, section 3.3 (softmax response).
/// </summary>
/// <param name="blocks">One after the other.</param>
/// <param name="head">[rows, hidden] to logits [rows, classes], after whichever block.</param>
/// <param name="margin">The lead in probability that is enough; more than 1 for never, 0 for at once.</param>
public sealed class EarlyExit(IReadOnlyList<Block> blocks, Func<Tensor, Tensor> head, double margin)
{
    /// <summary>Reads sequences, each as deep as it takes.</summary>
    /// <param name="x">[rows, hidden], whole sequences.</param>
    /// <param name="pass">Their layout.</param>
    /// <returns>The logits of the last row of each sequence [sequences, classes], and the blocks it went through.</returns>
    /// <exception cref="ArgumentException">There is a cache: deeper blocks would lack rows that left before them.</exception>
    public (Tensor Logits, int[] Depths) Forward(Tensor x, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (pass.Cache is not null) throw new ArgumentException("Sequences that leave early leave no keys in deeper blocks: read them whole, without a cache.", nameof(pass));
        var count = pass.Layout.Count;
        var (depths, logits, there) = (new int[count], new Tensor[count], Enumerable.Range(0, count).ToArray());
        var layout = pass.Layout;
        for (var depth = 1; depth <= blocks.Count && there.Length > 0; depth++)
        {
            x = blocks[depth - 1].Forward(x, pass with { Layout = layout });
            var ends = new int[there.Length];
            for (var s = 0; s < ends.Length; s++) ends[s] = layout.QueryOffsets[s + 1] - 1;
            var answers = head(x.Gather(Tensor.From(ends, [ends.Length], x.Device)));
            var probabilities = answers.Detach().Softmax();
            var staying = new List<int>();
            for (var s = 0; s < there.Length; s++)
            {
                depths[there[s]] = depth;
                logits[there[s]] = answers.Slice(0, s, 1);
                if (depth < blocks.Count && Lead(probabilities.Slice(0, s, 1).ToArray<float>()) < margin) staying.Add(s);
            }
            if (staying.Count < there.Length) (x, layout) = Packed(x, layout, staying);
            there = [.. staying.Select(s => there[s])];
        }
        return (TensorOps.Concatenate(0, logits), depths);
    }

    /// <summary>The mean of the losses after each block, deeper ones weighing more: what makes every depth an exit. Schuster et al. 2022, equation 6.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="targets">int32 [rows].</param>
    /// <param name="pass">Layout, dropout, observer.</param>
    public Tensor Loss(Tensor x, Tensor targets, in Pass pass)
    {
        Tensor? sum = null;
        for (var depth = 1; depth <= blocks.Count; depth++)
        {
            x = blocks[depth - 1].Forward(x, pass);
            var loss = head(x).CrossEntropy(targets) * (2.0 * depth / (blocks.Count * (blocks.Count + 1)));
            sum = sum is null ? loss : sum + loss;
        }
        return sum ?? throw new InvalidOperationException("There is no block to leave after.");
    }

    private static double Lead(float[] probabilities)
    {
        var first = probabilities.Max();
        return first - probabilities.OrderDescending().Skip(1).FirstOrDefault();
    }

    private static (Tensor X, SequenceLayout Layout) Packed(Tensor x, SequenceLayout layout, List<int> sequences)
    {
        var (rows, lengths) = (new List<int>(), new List<int>());
        foreach (var s in sequences)
        {
            var (first, end) = (layout.QueryOffsets[s], layout.QueryOffsets[s + 1]);
            rows.AddRange(Enumerable.Range(first, end - first));
            lengths.Add(end - first);
        }
        return (x.Gather(Tensor.From(rows.ToArray(), [rows.Count], x.Device)), SequenceLayout.Packed([.. lengths]));
    }
}
