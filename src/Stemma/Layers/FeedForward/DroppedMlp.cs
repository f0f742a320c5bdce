using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>A feed-forward layer that drops within, too: contract(dropout(activation(expand(x)))), or with a gate contract(dropout(activation(gate(x)) ⊙ expand(x))), as T5 and BART have it.</summary>
/// <param name="gate">[rows, hidden] to [rows, intermediate]; none for an expansion that is activated itself.</param>
/// <param name="expand">[rows, hidden] to [rows, intermediate].</param>
/// <param name="activation">Of the gate, or of the expansion.</param>
/// <param name="contract">[rows, intermediate] to [rows, hidden].</param>
/// <param name="layer">The block's number: places its dropout and its observations.</param>
public sealed class DroppedMlp(Linear? gate, Linear expand, Activation activation, Linear contract, int layer) : FeedForward
{
    /// <summary>Probability with which an element of the hidden layer is dropped while training.</summary>
    public double InnerDropout { get; init; }

    /// <summary>Probability with which an output is dropped while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Places the inner dropout: a number that no other part of the model has.</summary>
    public required int Place { get; init; }

    /// <inheritdoc/>
    public override Tensor AddTo(Tensor residual, Tensor x, in Pass pass)
    {
        var (probability, stream) = pass.Dropped(Dropout, DropoutPlace.Of(layer, DropoutPlace.MlpOutput));
        return pass.Observer is null
            ? contract.AddTo(residual, Inner(x, pass), probability, stream)
            : residual.AddDropout(pass.Observe(Site.MlpOutput, layer, contract.Forward(Inner(x, pass))), probability, stream);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, in Pass pass) =>
        pass.Drop(pass.Observe(Site.MlpOutput, layer, contract.Forward(Inner(x, pass), DType.Float32)), Dropout, DropoutPlace.Of(layer, DropoutPlace.MlpOutput));

    private Tensor Inner(Tensor x, in Pass pass)
    {
        var inner = activation.Apply(pass.Observe(Site.MlpPre, layer, (gate ?? expand).Forward(x)));
        if (gate is not null) inner *= expand.Forward(x);
        return pass.Drop(pass.Observe(Site.MlpPost, layer, inner), InnerDropout, DropoutPlace.Of(Place, DropoutPlace.MlpOutput));
    }
}
