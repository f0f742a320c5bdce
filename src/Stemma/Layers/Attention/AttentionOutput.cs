using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>From what the heads of an attention read back to the residual stream.</summary>
/// <param name="projection">[rows, heads · head size] to [rows, hidden].</param>
/// <param name="dropout">Probability with which an output is dropped while training.</param>
/// <param name="layer">The block's number.</param>
/// <param name="place">Places the dropout.</param>
internal sealed class AttentionOutput(Linear projection, double dropout, int layer, int place)
{
    /// <summary>residual + dropout(projection(heads)).</summary>
    /// <param name="residual">[rows, hidden].</param>
    /// <param name="heads">[rows, heads, head size].</param>
    /// <param name="pass">Dropout, observer.</param>
    public Tensor AddTo(Tensor residual, Tensor heads, in Pass pass)
    {
        var (probability, stream) = pass.Dropped(dropout, DropoutPlace.Of(place, DropoutPlace.AttentionOutput));
        return pass.Observer is null
            ? projection.AddTo(residual, Rows(heads), probability, stream)
            : residual.AddDropout(pass.Observe(Site.AttentionOutput, layer, projection.Forward(Rows(pass.Observe(Site.HeadOutputs, layer, heads)))), probability, stream);
    }

    /// <summary>dropout(projection(heads)).</summary>
    /// <param name="heads">[rows, heads, head size].</param>
    /// <param name="pass">Dropout, observer.</param>
    public Tensor Forward(Tensor heads, in Pass pass) => pass.Drop(
        pass.Observe(Site.AttentionOutput, layer, projection.Forward(Rows(pass.Observe(Site.HeadOutputs, layer, heads)), DType.Float32)), dropout, DropoutPlace.Of(place, DropoutPlace.AttentionOutput));

    private static Tensor Rows(Tensor heads)
    {
        var (rows, count, size) = heads.Shape;
        return heads.Reshape(rows, count * size);
    }
}
