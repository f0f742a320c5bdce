using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>The half of a block that treats every row by itself.</summary>
public abstract class FeedForward
{
    /// <summary>residual + dropout(f(x)).</summary>
    /// <param name="residual">[rows, hidden].</param>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="pass">Dropout, observer.</param>
    /// <returns>[rows, hidden].</returns>
    public virtual Tensor AddTo(Tensor residual, Tensor x, in Pass pass) => residual.Add(Forward(x, pass));

    /// <summary>dropout(f(x)).</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="pass">Dropout, observer.</param>
    /// <returns>[rows, hidden].</returns>
    public abstract Tensor Forward(Tensor x, in Pass pass);
}
