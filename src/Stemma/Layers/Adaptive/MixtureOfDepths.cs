using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// A block for some rows of each sequence: a router weighs rows, the chosen ones go through the block among themselves and what it adds is multiplied
/// by their weight, the others pass by. Raposo et al. 2024, "Mixture-of-depths", arXiv:2404.02258, section 3.4, equation 1.
/// </summary>
/// <remarks>Rows keep the positions they have in the whole sequence, for rotary angles and added vectors; a bias by distance would count the chosen rows alone.</remarks>
/// <param name="inner">The block.</param>
/// <param name="router">[rows, hidden] to [rows, 1].</param>
/// <param name="choice">Which rows go through.</param>
/// <param name="layer">The block's number.</param>
public sealed class MixtureOfDepths(Block inner, Linear router, DepthChoice choice, int layer) : Block(layer)
{
    /// <inheritdoc/>
    /// <remarks>As many as if all rows went through.</remarks>
    internal override double KeysPerQuery(int length) => inner.KeysPerQuery(length);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There is a cache: rows that pass by leave no keys.</exception>
    protected override Tensor Compute(Tensor x, SourceKeys? source, DistanceBias? bias, in Pass pass)
    {
        if (pass.Cache is not null) throw new ArgumentException("Rows that pass a block by leave no keys in it: read sequences whole, without a cache.", nameof(pass));
        var weights = pass.Observe(Site.RouterLogits, Layer, router.Forward(x, DType.Float32));
        var (chosen, lengths) = Choose(weights.Detach().ToArray<float>(), pass.Layout);
        pass.Balance?.Add(weights, chosen);
        if (chosen.Length == 0) return x;
        var rows = Tensor.From(chosen, [chosen.Length], x.Device);
        var read = x.Gather(rows);
        var positions = pass.Positions().ToArray();
        var inside = SelectedSites.Inside(pass, Site.ResidualPre, Site.ResidualPost) with { Layout = SequenceLayout.Packed(lengths), Places = Array.ConvertAll(chosen, row => positions[row]), Checkpointing = false };
        var added = (inner.Forward(read, inside, source, bias) - read) * weights.Gather(rows);
        return x + added.Scatter(rows, x.Shape[0]);
    }

    private (int[] Rows, int[] Lengths) Choose(float[] weights, SequenceLayout layout)
    {
        var (rows, lengths) = (new List<int>(), new int[layout.Count]);
        for (var s = 0; s < lengths.Length; s++)
        {
            var first = layout.QueryOffsets[s];
            var chosen = choice.Choose(weights.AsSpan(first..layout.QueryOffsets[s + 1]));
            lengths[s] = chosen.Length;
            rows.AddRange(chosen.Select(row => first + row));
        }
        return ([.. rows], lengths);
    }
}
