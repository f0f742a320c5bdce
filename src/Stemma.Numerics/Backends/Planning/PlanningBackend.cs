using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Planning;

/// <summary>
/// Computes nothing: operations on it allocate what they would, in memory that nobody touches, so that a pass shows what a model needs
/// before anything is spent on it. Values are whatever the memory holds.
/// </summary>
internal sealed class PlanningBackend : IBackend
{
    public void Copy(Tensor x, Tensor y)
    {
    }

    public void Accumulate(Tensor x, Tensor y)
    {
    }

    public void Affine(Tensor x, double scale, double shift, Tensor y)
    {
    }

    public void Clamp(Tensor x, double low, double high, Tensor y)
    {
    }

    public void Map<TKernel>(Tensor x, Tensor y) where TKernel : struct, IUnaryKernel
    {
    }

    public void MapGradient<TKernel>(Tensor x, Tensor y, Tensor dy, Tensor dx) where TKernel : struct, IUnaryKernel
    {
    }

    public void Zip<TKernel>(Tensor a, Tensor b, Tensor y) where TKernel : struct, IBinaryKernel
    {
    }

    public void Reduce<TKernel>(Tensor x, int outer, int length, int inner, Tensor y) where TKernel : struct, IReductionKernel
    {
    }

    public double SumOfSquares(Tensor x) => 0;

    public void MatMul(Tensor a, Tensor b, Tensor c, Tensor? bias, bool accumulate)
    {
    }

    public void Gather(Tensor table, Tensor ids, Tensor y)
    {
    }

    public void ScatterAdd(Tensor dy, Tensor ids, Tensor table)
    {
    }

    public void Softmax(Tensor x, Tensor y)
    {
    }

    public void SoftmaxGradient(Tensor y, Tensor dy, Tensor dx)
    {
    }

    public void LogSoftmax(Tensor x, Tensor y)
    {
    }

    public void LogSoftmaxGradient(Tensor y, Tensor dy, Tensor dx)
    {
    }

    public void LayerNorm(Tensor x, Tensor? weight, Tensor? bias, double epsilon, Tensor y, Tensor mean, Tensor rstd)
    {
    }

    public void LayerNormGradient(Tensor x, Tensor? weight, Tensor mean, Tensor rstd, Tensor dy, Tensor dx, Tensor? dweight, Tensor? dbias)
    {
    }

    public void RmsNorm(Tensor x, Tensor weight, double epsilon, Tensor y, Tensor rrms)
    {
    }

    public void RmsNormGradient(Tensor x, Tensor weight, Tensor rrms, Tensor dy, Tensor dx, Tensor dweight)
    {
    }

    public void Dropout(Tensor x, double probability, RandomStream stream, Tensor? residual, Tensor y)
    {
    }

    public void CrossEntropy(Tensor logits, Tensor targets, int ignoreIndex, double labelSmoothing, Tensor losses, double scale, Tensor? gradient)
    {
    }

    public void Attention(in AttentionArguments arguments, Tensor y, Tensor logSumExp)
    {
    }

    public void AttentionGradient(in AttentionArguments arguments, Tensor y, Tensor logSumExp, Tensor dy, Tensor dq, Tensor dk, Tensor dv)
    {
    }

    public void Recur<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y) where TCell : struct, IRecurrentCell
    {
    }

    public void RecurGradient<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y, in RecurrentGradients gradients) where TCell : struct, IRecurrentCell
    {
    }

    public void Adam(in AdamArguments arguments, Tensor weight, Tensor gradient, Tensor mean, Tensor variance)
    {
    }

    public void Sgd(in SgdArguments arguments, Tensor weight, Tensor gradient, Tensor? velocity)
    {
    }
}
