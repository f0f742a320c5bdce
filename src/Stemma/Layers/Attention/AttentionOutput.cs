using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>From what the heads of an attention read back to the residual stream.</summary>
/// <param name="projection">[rows, heads · head size] to [rows, hidden].</param>
/// <param name="dropout">Probability with which an output is dropped while training.</param>
/// <param name="layer">The block's number.</param>
/// <param name="place">Places the dropout.</param>
/// <param name="sites">Where it is observed.</param>
internal sealed class AttentionOutput(Linear projection, double dropout, int layer, int place, AttentionSites sites)
{
    /// <summary>residual + dropout(projection(heads)).</summary>
    /// <param name="residual">[rows, hidden].</param>
    /// <param name="heads">[rows, heads, head size].</param>
    /// <param name="pass">Dropout, observer.</param>
    public Tensor AddTo(Tensor residual, Tensor heads, in Pass pass)
    {
        var (probability, stream) = pass.Dropped(dropout, DropoutPlace.Of(place, DropoutPlace.AttentionOutput));
        return pass.Observer is null ? projection.AddTo(residual, Rows(heads), probability, stream) : residual.AddDropout(Observed(heads, null, pass), probability, stream);
    }

    /// <summary>dropout(projection(heads)).</summary>
    /// <param name="heads">[rows, heads, head size].</param>
    /// <param name="pass">Dropout, observer.</param>
    public Tensor Forward(Tensor heads, in Pass pass) => pass.Drop(Observed(heads, DType.Float32, pass), dropout, DropoutPlace.Of(place, DropoutPlace.AttentionOutput));

    private Tensor Observed(Tensor heads, DType? stored, in Pass pass)
    {
        heads = pass.Observe(sites.Heads, layer, heads);
        return pass.Observe(sites.Output, layer, Summed(heads, pass) ?? projection.Forward(Rows(heads), stored));
    }

    /// <summary>The sum of what each head gives, where an observer has put something else in its place; null elsewhere.</summary>
    private Tensor? Summed(Tensor heads, in Pass pass)
    {
        if (!pass.Watches(sites.Results, layer)) return null;
        var (rows, count, size) = heads.Shape;
        // One head at a time, the others 0, through whatever the projection is; its bias is what nothing gives.
        var alone = new float[count * count];
        for (var head = 0; head < count; head++) alone[head * count + head] = 1;
        var bias = projection.Forward(Tensor.Zeros([1, count * size], heads.DType, heads.Device), DType.Float32);
        var spread = heads.Reshape([rows, 1, count, size]) * Tensor.From(alone, [1, count, count, 1], heads.Device).Cast(heads.DType);
        var results = projection.Forward(spread.Reshape([rows * count, count * size]), DType.Float32).Reshape([rows, count, bias.Shape[1]]) - bias;
        var seen = pass.Observe(sites.Results, layer, results);
        return ReferenceEquals(seen, results) ? null : seen.Sum(1) + bias;
    }

    private static Tensor Rows(Tensor heads)
    {
        var (rows, count, size) = heads.Shape;
        return heads.Reshape(rows, count * size);
    }
}
