using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>
/// contract(activation(gate(x)) ⊙ expand(x)): SwiGLU with SiLU, GEGLU with GELU, ReGLU with ReLU, GLU with the sigmoid. Shazeer 2020,
/// arXiv:2002.05202, equations 5 and 6.
/// </summary>
/// <param name="gate">[rows, hidden] to [rows, intermediate].</param>
/// <param name="activation">Of the gate.</param>
/// <param name="expand">[rows, hidden] to [rows, intermediate].</param>
/// <param name="contract">[rows, intermediate] to [rows, hidden].</param>
/// <param name="layer">The block's number: places its dropout and its observations.</param>
/// <param name="dropout">Probability with which an output is dropped while training.</param>
public sealed class GatedMlp(Linear gate, Activation activation, Linear expand, Linear contract, int layer, double dropout) : FeedForward
{
    /// <inheritdoc/>
    public override Tensor AddTo(Tensor residual, Tensor x, in Pass pass)
    {
        var (probability, stream) = pass.Dropped(dropout, DropoutPlace.Of(layer, DropoutPlace.MlpOutput));
        return pass.Observer is null
            ? contract.AddTo(residual, Inner(x, pass), probability, stream)
            : residual.AddDropout(pass.Observe(Site.MlpOutput, layer, contract.Forward(Inner(x, pass))), probability, stream);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, in Pass pass) =>
        pass.Drop(pass.Observe(Site.MlpOutput, layer, contract.Forward(Inner(x, pass), DType.Float32)), dropout, DropoutPlace.Of(layer, DropoutPlace.MlpOutput));

    private Tensor Inner(Tensor x, in Pass pass)
    {
        var open = activation.Apply(pass.Observe(Site.MlpPre, layer, gate.Forward(x)));
        return pass.Observe(Site.MlpPost, layer, open * expand.Forward(x));
    }
}

/// <summary><see cref="GatedMlp"/> whose gate and expansion are one projection, the gate first (Phi-3).</summary>
/// <param name="expand">[rows, hidden] to [rows, 2 · intermediate].</param>
/// <param name="activation">Of the gate.</param>
/// <param name="contract">[rows, intermediate] to [rows, hidden].</param>
/// <param name="layer">The block's number: places its dropout and its observations.</param>
/// <param name="dropout">Probability with which an output is dropped while training.</param>
public sealed class JointGatedMlp(Linear expand, Activation activation, Linear contract, int layer, double dropout) : FeedForward
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, in Pass pass)
    {
        var parts = expand.Forward(x).Split(-1, 2);
        var open = activation.Apply(pass.Observe(Site.MlpPre, layer, parts[0]));
        var output = contract.Forward(pass.Observe(Site.MlpPost, layer, open * parts[1]), DType.Float32);
        return pass.Drop(pass.Observe(Site.MlpOutput, layer, output), dropout, DropoutPlace.Of(layer, DropoutPlace.MlpOutput));
    }
}

/// <summary><see cref="GatedMlp"/>: <c>mlp.gate_proj</c>, <c>mlp.up_proj</c>, <c>mlp.down_proj</c>, as in Llama.</summary>
public sealed record GatedMlpConfig : FeedForwardConfig
{
    /// <summary>The gate's: Silu makes SwiGLU, Gelu GEGLU, Relu ReGLU.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Silu;

    /// <inheritdoc/>
    public override FeedForward Build(IWeights block, FeedForwardSizes sizes, int layer)
    {
        ArgumentNullException.ThrowIfNull(block);
        return Build(block["mlp"], "gate_proj", "up_proj", "down_proj", Activation, sizes, layer);
    }

    /// <summary>A gated part under any names.</summary>
    internal static GatedMlp Build(IWeights scope, string gate, string expand, string contract, ActivationKind activation, FeedForwardSizes sizes, int layer) => new(
        scope.Linear(gate, sizes.HiddenSize, sizes.IntermediateSize, sizes.Inner, sizes.HasBias), activation.Function(),
        scope.Linear(expand, sizes.HiddenSize, sizes.IntermediateSize, sizes.Inner, sizes.HasBias),
        scope.Linear(contract, sizes.IntermediateSize, sizes.HiddenSize, sizes.Outer, sizes.HasBias), layer, sizes.Dropout);
}
