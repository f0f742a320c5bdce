using Stemma.Numerics.Backends.Cpu.Rows;

namespace Stemma.Numerics.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    public void Softmax(Tensor x, Tensor y)
    {
        if (x.DType != DType.Float32) _definition.Softmax(x, y);
        else SoftmaxRows.Forward(_pool, x.Pointer<float>(), y.Pointer<float>(), RowCount(x), x.Shape[-1]);
    }

    public void SoftmaxGradient(Tensor y, Tensor dy, Tensor dx)
    {
        if (y.DType != DType.Float32) _definition.SoftmaxGradient(y, dy, dx);
        else SoftmaxRows.Backward(_pool, y.Pointer<float>(), dy.Pointer<float>(), dx.Pointer<float>(), RowCount(y), y.Shape[-1]);
    }

    public void LogSoftmax(Tensor x, Tensor y)
    {
        if (x.DType != DType.Float32) _definition.LogSoftmax(x, y);
        else SoftmaxRows.LogForward(_pool, x.Pointer<float>(), y.Pointer<float>(), RowCount(x), x.Shape[-1]);
    }

    public void LogSoftmaxGradient(Tensor y, Tensor dy, Tensor dx)
    {
        if (y.DType != DType.Float32) _definition.LogSoftmaxGradient(y, dy, dx);
        else SoftmaxRows.LogBackward(_pool, y.Pointer<float>(), dy.Pointer<float>(), dx.Pointer<float>(), RowCount(y), y.Shape[-1]);
    }

    public void LayerNorm(Tensor x, Tensor? weight, Tensor? bias, double epsilon, Tensor y, Tensor mean, Tensor rstd)
    {
        if (x.DType != DType.Float32) _definition.LayerNorm(x, weight, bias, epsilon, y, mean, rstd);
        else if (y.DType == DType.BFloat16) NormRows<LayerNormKind>.Forward(_pool, x.Pointer<float>(), OrNull(weight), OrNull(bias), y.Pointer<BFloat16>(), mean.Pointer<float>(), rstd.Pointer<float>(), RowCount(x), x.Shape[-1], (float)epsilon);
        else NormRows<LayerNormKind>.Forward(_pool, x.Pointer<float>(), OrNull(weight), OrNull(bias), y.Pointer<float>(), mean.Pointer<float>(), rstd.Pointer<float>(), RowCount(x), x.Shape[-1], (float)epsilon);
    }

    public void LayerNormGradient(Tensor x, Tensor? weight, Tensor mean, Tensor rstd, Tensor dy, Tensor dx, bool accumulate, Tensor? dweight, Tensor? dbias)
    {
        if (x.DType != DType.Float32) _definition.LayerNormGradient(x, weight, mean, rstd, dy, dx, accumulate, dweight, dbias);
        else if (dy.DType == DType.BFloat16) NormRows<LayerNormKind>.Backward(_pool, x.Pointer<float>(), OrNull(weight), mean.Pointer<float>(), rstd.Pointer<float>(), dy.Pointer<BFloat16>(), dx.Pointer<float>(), accumulate, OrNull(dweight), OrNull(dbias), RowCount(x), x.Shape[-1]);
        else NormRows<LayerNormKind>.Backward(_pool, x.Pointer<float>(), OrNull(weight), mean.Pointer<float>(), rstd.Pointer<float>(), dy.Pointer<float>(), dx.Pointer<float>(), accumulate, OrNull(dweight), OrNull(dbias), RowCount(x), x.Shape[-1]);
    }

    public void RmsNorm(Tensor x, Tensor weight, double epsilon, Tensor y, Tensor rrms)
    {
        if (x.DType != DType.Float32) _definition.RmsNorm(x, weight, epsilon, y, rrms);
        else if (y.DType == DType.BFloat16) NormRows<RmsNormKind>.Forward(_pool, x.Pointer<float>(), weight.Pointer<float>(), null, y.Pointer<BFloat16>(), null, rrms.Pointer<float>(), RowCount(x), x.Shape[-1], (float)epsilon);
        else NormRows<RmsNormKind>.Forward(_pool, x.Pointer<float>(), weight.Pointer<float>(), null, y.Pointer<float>(), null, rrms.Pointer<float>(), RowCount(x), x.Shape[-1], (float)epsilon);
    }

    public void RmsNormGradient(Tensor x, Tensor weight, Tensor rrms, Tensor dy, Tensor dx, bool accumulate, Tensor dweight)
    {
        if (x.DType != DType.Float32) _definition.RmsNormGradient(x, weight, rrms, dy, dx, accumulate, dweight);
        else if (dy.DType == DType.BFloat16) NormRows<RmsNormKind>.Backward(_pool, x.Pointer<float>(), weight.Pointer<float>(), null, rrms.Pointer<float>(), dy.Pointer<BFloat16>(), dx.Pointer<float>(), accumulate, dweight.Pointer<float>(), null, RowCount(x), x.Shape[-1]);
        else NormRows<RmsNormKind>.Backward(_pool, x.Pointer<float>(), weight.Pointer<float>(), null, rrms.Pointer<float>(), dy.Pointer<float>(), dx.Pointer<float>(), accumulate, dweight.Pointer<float>(), null, RowCount(x), x.Shape[-1]);
    }

    public void CrossEntropy(Tensor logits, Tensor targets, int ignoreIndex, double labelSmoothing, Tensor losses, double scale, Tensor? gradient)
    {
        if (logits.DType != DType.Float32)
        {
            _definition.CrossEntropy(logits, targets, ignoreIndex, labelSmoothing, losses, scale, gradient);
            return;
        }
        // The kernel turns logits into their gradient where they stand.
        if (gradient is not null && gradient != logits) Copy(logits, gradient);
        CrossEntropyRows.Run(_pool, (gradient ?? logits).Pointer<float>(), targets.Pointer<int>(), ignoreIndex, losses.Pointer<float>(), RowCount(logits), logits.Shape[-1], (float)labelSmoothing, gradient is null ? null : (float)scale);
    }

    private static nint RowCount(Tensor x) => x.Shape[-1] == 0 ? 0 : (nint)(x.Count / x.Shape[-1]);

    private static float* OrNull(Tensor? x) => x is null ? null : x.Pointer<float>();
}
