using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>The half of a block in which rows read other rows of their text. What each head reads, the kind decides.</summary>
public abstract class Attention
{
    private readonly AttentionOutput _output;

    /// <summary>An attention whose heads are projected back to the residual stream.</summary>
    /// <param name="output">How.</param>
    private protected Attention(AttentionOutput output) => _output = output;

    /// <summary>residual + dropout(attention(x)).</summary>
    /// <param name="residual">[rows, hidden].</param>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="pass">Layout, cache, dropout, observer.</param>
    /// <param name="bias">What scores are added to by distance where all blocks of a model share it; null where there is no such.</param>
    /// <returns>[rows, hidden].</returns>
    public Tensor AddTo(Tensor residual, Tensor x, in Pass pass, DistanceBias? bias = null) => _output.AddTo(residual, Heads(x, pass, bias), pass);

    /// <summary>dropout(attention(x)).</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="pass">Layout, cache, dropout, observer.</param>
    /// <param name="bias">As in <see cref="AddTo"/>.</param>
    /// <returns>[rows, hidden].</returns>
    public Tensor Forward(Tensor x, in Pass pass, DistanceBias? bias = null) => _output.Forward(Heads(x, pass, bias), pass);

    /// <summary>As <see cref="Block.KeysPerQuery"/>.</summary>
    internal abstract double KeysPerQuery(int length);

    /// <summary>What the heads read, [rows, heads, head size].</summary>
    private protected abstract Tensor Heads(Tensor x, in Pass pass, DistanceBias? bias);
}
