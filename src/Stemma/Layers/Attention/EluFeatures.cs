using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>elu(x) + 1: x + 1 above zero, eˣ below. Katharopoulos et al. 2020, arXiv:2006.16236, equation 7.</summary>
/// <param name="size">Channels of a head, of which each is a feature.</param>
public sealed class EluFeatures(int size) : FeatureMap
{
    /// <inheritdoc/>
    public override int Count => size;

    /// <inheritdoc/>
    public override Tensor Queries(Tensor x) => Keys(x);

    /// <inheritdoc/>
    public override Tensor Keys(Tensor x) => x.Relu() + (-(-x).Relu()).Exp();
}
