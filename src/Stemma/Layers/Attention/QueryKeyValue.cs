using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>Where an attention's queries, keys and values come from: how their projections lie in the weights.</summary>
public abstract class QueryKeyValue
{
    /// <summary>Projects rows.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <returns>[rows, heads, head size] and twice [rows, key heads, head size].</returns>
    public abstract (Tensor Queries, Tensor Keys, Tensor Values) Forward(Tensor x);

    /// <summary>The three in one tensor, [rows, 3, heads, head size], where one projection gives them so; null elsewhere.</summary>
    /// <param name="x">[rows, hidden].</param>
    public virtual Tensor? Together(Tensor x) => null;
}

/// <summary>A projection for each.</summary>
/// <param name="queries">[rows, hidden] to [rows, heads · head size].</param>
/// <param name="keys">[rows, hidden] to [rows, key heads · head size].</param>
/// <param name="values">As keys.</param>
/// <param name="headSize">Channels of a head.</param>
public sealed class SeparateProjections(Linear queries, Linear keys, Linear values, int headSize) : QueryKeyValue
{
    /// <inheritdoc/>
    public override (Tensor Queries, Tensor Keys, Tensor Values) Forward(Tensor x) => (Queries(x), Keys(x), Values(x));

    /// <summary>[rows, hidden] to [rows, heads, head size].</summary>
    internal Tensor Queries(Tensor x) => Heads(queries, x);

    /// <summary>[rows, hidden] to [rows, key heads, head size].</summary>
    internal Tensor Keys(Tensor x) => Heads(keys, x);

    /// <summary>[rows, hidden] to [rows, key heads, head size].</summary>
    internal Tensor Values(Tensor x) => Heads(values, x);

    private Tensor Heads(Linear projection, Tensor x)
    {
        var y = projection.Forward(x, DType.Float32);
        return y.Reshape([y.Shape[0], y.Shape[1] / headSize, headSize]);
    }
}

/// <summary>One projection: all heads' queries, then all keys, then all values.</summary>
/// <param name="projection">[rows, hidden] to [rows, (heads + 2 · key heads) · head size].</param>
/// <param name="headCount">Heads.</param>
/// <param name="keyHeadCount">Key heads.</param>
/// <param name="headSize">Channels of a head.</param>
public sealed class JointProjection(Linear projection, int headCount, int keyHeadCount, int headSize) : QueryKeyValue
{
    /// <inheritdoc/>
    public override (Tensor Queries, Tensor Keys, Tensor Values) Forward(Tensor x)
    {
        var y = projection.Forward(x, DType.Float32);
        y = y.Reshape([y.Shape[0], headCount + 2 * keyHeadCount, headSize]);
        return (y.Slice(1, 0, headCount), y.Slice(1, headCount, keyHeadCount), y.Slice(1, headCount + keyHeadCount, keyHeadCount));
    }

    /// <inheritdoc/>
    public override Tensor? Together(Tensor x) => headCount == keyHeadCount ? projection.Forward(x, DType.Float32).Reshape([x.Shape[0], 3, headCount, headSize]) : null;
}

/// <summary>One projection, key head by key head: the queries of its group, its key, its value (GPT-NeoX, BLOOM, Falcon).</summary>
/// <param name="projection">[rows, hidden] to [rows, key heads · (group + 2) · head size].</param>
/// <param name="headCount">Heads.</param>
/// <param name="keyHeadCount">Key heads.</param>
/// <param name="headSize">Channels of a head.</param>
public sealed class GroupedProjection(Linear projection, int headCount, int keyHeadCount, int headSize) : QueryKeyValue
{
    /// <inheritdoc/>
    public override (Tensor Queries, Tensor Keys, Tensor Values) Forward(Tensor x)
    {
        var group = headCount / keyHeadCount;
        var y = projection.Forward(x, DType.Float32);
        var rows = y.Shape[0];
        y = y.Reshape([rows, keyHeadCount, group + 2, headSize]);
        return (y.Slice(2, 0, group).Reshape([rows, headCount, headSize]), y.Select(2, group), y.Select(2, group + 1));
    }
}
