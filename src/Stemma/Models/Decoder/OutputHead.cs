using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models;

/// <summary>From the residual stream to the logits, and to the loss.</summary>
public abstract class OutputHead
{
    /// <summary>[rows, hidden] to [rows, vocab].</summary>
    public abstract Tensor Logits(Tensor hidden);

    /// <summary>The mean cross-entropy, in nats per token.</summary>
    /// <param name="hidden">[rows, hidden].</param>
    /// <param name="targets">int32 [rows].</param>
    /// <param name="divisor">Divides the sum over rows; the number of rows that count when null.</param>
    public virtual Tensor Loss(Tensor hidden, Tensor targets, double? divisor) => Logits(hidden).CrossEntropy(targets, divisor: divisor);
}

/// <summary>A projection, often the token embedding itself (Press &amp; Wolf 2016, arXiv:1608.05859).</summary>
/// <param name="weight">[vocab, hidden].</param>
/// <param name="bias">[vocab], or none.</param>
public sealed class LinearHead(Parameter weight, Parameter? bias = null) : OutputHead
{
    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden) => hidden.Linear(weight, bias?.Value);

    /// <inheritdoc/>
    public override Tensor Loss(Tensor hidden, Tensor targets, double? divisor) => hidden.LinearCrossEntropy(weight, targets, divisor: divisor, bias: bias?.Value);
}

/// <summary>cap · tanh(logits / cap): Gemma 2.</summary>
/// <param name="inner">Makes the logits.</param>
/// <param name="cap">Bounds them.</param>
public sealed class CappedHead(OutputHead inner, double cap) : OutputHead
{
    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden) => (inner.Logits(hidden) / cap).Tanh() * cap;
}

/// <summary>A projection to another size before the head (OPT 350M).</summary>
/// <param name="projection">[rows, hidden] to [rows, size].</param>
/// <param name="inner">The head of that size.</param>
public sealed class ProjectedHead(Linear projection, OutputHead inner) : OutputHead
{
    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden) => inner.Logits(projection.Forward(hidden, DType.Float32));

    /// <inheritdoc/>
    public override Tensor Loss(Tensor hidden, Tensor targets, double? divisor) => inner.Loss(projection.Forward(hidden, DType.Float32), targets, divisor);
}
