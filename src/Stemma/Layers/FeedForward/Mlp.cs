using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// The feed-forward half of a Transformer block (Vaswani et al. 2017, arXiv:1706.03762, section 3.3): expand, activate, contract. Its
/// linear layers are handed in, so that a model keeps its own names.
/// </summary>
/// <param name="expand">[rows, hidden] to [rows, intermediate].</param>
/// <param name="activation">Between the two.</param>
/// <param name="contract">[rows, intermediate] to [rows, hidden].</param>
/// <param name="layer">The block's number: places its dropout and its observations.</param>
/// <param name="dropout">Probability with which an output is dropped while training.</param>
public sealed class Mlp(Linear expand, Activation activation, Linear contract, int layer, double dropout) : FeedForward
{
    /// <inheritdoc/>
    public override Tensor AddTo(Tensor residual, Tensor x, in Pass pass)
    {
        var (probability, stream) = pass.Dropped(dropout, DropoutPlace.Of(layer, DropoutPlace.MlpOutput));
        if (pass.Observer is null && expand is DenseLinear first && contract is DenseLinear second)
            return residual.AddFeedForward(x, first.Weight, first.Bias?.Value, activation, second.Weight, second.Bias?.Value, probability, stream);
        return residual.AddDropout(Output(x, pass), probability, stream);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, in Pass pass) => pass.Drop(Output(x, pass), dropout, DropoutPlace.Of(layer, DropoutPlace.MlpOutput));

    private Tensor Output(Tensor x, in Pass pass)
    {
        var inner = pass.Observe(Site.MlpPre, layer, expand.Forward(x));
        return pass.Observe(Site.MlpOutput, layer, contract.Forward(pass.Observe(Site.MlpPost, layer, activation.Apply(inner))));
    }
}

/// <summary><see cref="Mlp"/>: <c>mlp.up_proj</c>, <c>mlp.down_proj</c>.</summary>
public sealed record MlpConfig : FeedForwardConfig
{
    /// <summary>Between the two projections.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Gelu;

    /// <inheritdoc/>
    public override FeedForward Build(IWeights block, FeedForwardSizes sizes, int layer)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(sizes);
        var scope = block["mlp"];
        return new Mlp(
            scope.Linear("up_proj", sizes.HiddenSize, sizes.IntermediateSize, sizes.Inner, sizes.HasBias), Activation.Function(),
            scope.Linear("down_proj", sizes.IntermediateSize, sizes.HiddenSize, sizes.Outer, sizes.HasBias), layer, sizes.Dropout);
    }
}
