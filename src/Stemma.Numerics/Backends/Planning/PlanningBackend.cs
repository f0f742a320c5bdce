using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Planning;

/// <summary>
/// Computes nothing, but looks at what it is given: operations on it take the memory they would, which nobody touches, so that a pass
/// shows what a model needs before anything is spent on it. Values are whatever the memory holds.
/// </summary>
internal sealed class PlanningBackend : IBackend
{
    public void Copy(Tensor x, Tensor y) => Look(x, y);

    public void Accumulate(Tensor x, Tensor y) => Look(x, y);

    public void Affine(Tensor x, double scale, double shift, Tensor y) => Look(x, y);

    public void Clamp(Tensor x, double low, double high, Tensor y) => Look(x, y);

    public void Map<TKernel>(Tensor x, Tensor y) where TKernel : struct, IUnaryKernel => Look(x, y);

    public void MapGradient<TKernel>(Tensor x, Tensor y, Tensor dy, Tensor dx) where TKernel : struct, IUnaryKernel => Look(x, y, dy, dx);

    public void Zip<TKernel>(Tensor a, Tensor b, Tensor y) where TKernel : struct, IBinaryKernel => Look(a, b, y);

    public void Reduce<TKernel>(Tensor x, int outer, int length, int inner, Tensor y) where TKernel : struct, IReductionKernel => Look(x, y);

    public double SumOfSquares(Tensor x)
    {
        Look(x);
        return 0;
    }

    public void MatMul(Tensor a, Tensor b, Tensor c, Tensor? bias, bool accumulate) => Look(a, b, c, bias);

    public void MatMulMap<TKernel>(Tensor a, Tensor b, Tensor? bias, Tensor? product, Tensor y) where TKernel : struct, IActivationKernel => Look(a, b, bias, product, y);

    public void MatMulMapGradient<TKernel>(Tensor a, Tensor b, Tensor x, Tensor y, Tensor dx, Tensor? value) where TKernel : struct, IActivationKernel => Look(a, b, x, y, dx, value);

    public void MatMulDropout(Tensor a, Tensor b, Tensor? bias, DType product, double probability, RandomStream stream, Tensor residual, Tensor y) => Look(a, b, bias, residual, y);

    public void Gather(Tensor table, Tensor ids, Tensor y) => Look(table, ids, y);

    public void ScatterAdd(Tensor dy, Tensor ids, Tensor table) => Look(dy, ids, table);

    public void Softmax(Tensor x, Tensor y) => Look(x, y);

    public void SoftmaxGradient(Tensor y, Tensor dy, Tensor dx) => Look(y, dy, dx);

    public void LogSoftmax(Tensor x, Tensor y) => Look(x, y);

    public void LogSoftmaxGradient(Tensor y, Tensor dy, Tensor dx) => Look(y, dy, dx);

    public void LayerNorm(Tensor x, Tensor? weight, Tensor? bias, double epsilon, Tensor y, Tensor mean, Tensor rstd) =>
        Look(x, weight, bias, y, mean, rstd);

    public void LayerNormGradient(Tensor x, Tensor? weight, Tensor mean, Tensor rstd, Tensor dy, Tensor dx, bool accumulate, Tensor? dweight, Tensor? dbias) =>
        Look(x, weight, mean, rstd, dy, dx, dweight, dbias);

    public void RmsNorm(Tensor x, Tensor weight, double epsilon, Tensor y, Tensor rrms) => Look(x, weight, y, rrms);

    public void RmsNormGradient(Tensor x, Tensor weight, Tensor rrms, Tensor dy, Tensor dx, bool accumulate, Tensor dweight) => Look(x, weight, rrms, dy, dx, dweight);

    public void Dropout(Tensor x, double probability, RandomStream stream, Tensor? residual, Tensor y) => Look(x, residual, y);

    public void CrossEntropy(Tensor logits, Tensor targets, int ignoreIndex, double labelSmoothing, Tensor losses, double scale, Tensor? gradient) =>
        Look(logits, targets, losses, gradient);

    public void Attention(in AttentionArguments arguments, Tensor y, Tensor logSumExp) =>
        Look(arguments.Queries, arguments.Keys, arguments.Values, arguments.Scores?.Bias?.Table, arguments.Scores?.Sinks, y, logSumExp);

    public Tensor? RoomForKept(in AttentionArguments arguments) => arguments.RoomForKept();

    public void AttentionGradient(in AttentionArguments arguments, Tensor y, Tensor logSumExp, Tensor dy, Tensor dq, Tensor dk, Tensor dv, Tensor? dbias) =>
        Look(arguments.Queries, arguments.Keys, arguments.Values, arguments.Scores?.Bias?.Table, arguments.Scores?.Sinks, y, logSumExp, dy, dq, dk, dv, dbias);

    public void Rotate(Tensor x, Tensor cosines, Tensor sines, RotaryPairing pairing, bool back, Tensor y) => Look(x, cosines, sines, y);

    public void Recur<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y) where TCell : struct, IRecurrentCell =>
        Look(arguments.Weight, arguments.Bias, arguments.Hidden, arguments.Cell, gates, memory, y);

    public void RecurGradient<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y, in RecurrentGradients gradients)
        where TCell : struct, IRecurrentCell => Look(
        arguments.Weight, arguments.Bias, arguments.Hidden, arguments.Cell, gates, memory, y, gradients.Output, gradients.Hidden, gradients.Cell, gradients.InputBias, gradients.ProductBias);

    public void Adam(in AdamArguments arguments, ReadOnlySpan<AdamWeight> weights)
    {
        foreach (var w in weights) Look(w.Weight, w.Gradient, w.Mean, w.Variance);
    }

    public void Sgd(in SgdArguments arguments, Tensor weight, Tensor gradient, Tensor? velocity) => Look(weight, gradient, velocity);

    // A tensor that was given up until it is needed comes back, and one that was returned is found out.
    private static unsafe void Look(params ReadOnlySpan<Tensor?> tensors)
    {
        foreach (var tensor in tensors) _ = tensor is null ? null : tensor.Storage.Pointer;
    }
}
