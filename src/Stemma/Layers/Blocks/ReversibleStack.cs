using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>The parts of one reversible layer.</summary>
/// <param name="AttentionNorm">Before attention.</param>
/// <param name="Attention">Attention: what the first stream gets.</param>
/// <param name="FeedForwardNorm">Before the feed-forward part.</param>
/// <param name="FeedForward">The feed-forward part: what the second stream gets.</param>
public sealed record ReversibleParts(Norm AttentionNorm, Attention Attention, Norm FeedForwardNorm, FeedForward FeedForward);

/// <summary>
/// All layers of a model as one block with two residual streams, each of which the other changes: training keeps the activations of the last
/// layer alone, whatever the depth. Kitaev et al. 2020 (Reformer), arXiv:2001.04451, section 3. Both streams begin as the input; their mean goes on.
/// </summary>
/// <param name="layers">The parts of each layer.</param>
public sealed class ReversibleStack(IReadOnlyList<ReversibleParts> layers) : Block(0)
{
    /// <inheritdoc/>
    internal override double KeysPerQuery(int length) => layers.Sum(layer => layer.Attention.KeysPerQuery(length));

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, SourceKeys? source, DistanceBias? bias, in Pass pass)
    {
        if (bias is { Table.RequiresGradient: true }) throw new ArgumentException("A bias that is learned outside of reversible layers would get no gradient from them.", nameof(bias));
        var same = pass;
        var steps = layers.Select(layer => new Reversible(
            half => layer.Attention.Forward(layer.AttentionNorm.Forward(half), same, bias),
            half => layer.FeedForward.Forward(layer.FeedForwardNorm.Forward(half), same))).ToArray();
        var (y1, y2) = Reversible.Run(steps, x, x, Weights);
        return (y1 + y2) * 0.5;
    }
}
