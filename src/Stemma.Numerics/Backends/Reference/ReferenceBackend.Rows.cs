using System.Numerics;

namespace Stemma.Numerics.Backends.Reference;

internal sealed unsafe partial class ReferenceBackend
{
    public void Softmax(Tensor x, Tensor y)
    {
        if (x.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            for (var row = 0; row < RowCount(x); row++)
            {
                Span<T> source = Row<T>(x, row), target = Row<T>(y, row);
                var (max, sum) = (Max<T>(source), T.Zero);
                for (var i = 0; i < source.Length; i++) sum += target[i] = T.Exp(source[i] - max);
                for (var i = 0; i < source.Length; i++) target[i] /= sum;
            }
        }
    }

    public void SoftmaxGradient(Tensor y, Tensor dy, Tensor dx)
    {
        if (y.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            for (var row = 0; row < RowCount(y); row++)
            {
                Span<T> p = Row<T>(y, row), g = Row<T>(dy, row), d = Row<T>(dx, row);
                var dot = T.Zero;
                for (var i = 0; i < p.Length; i++) dot += p[i] * g[i];
                for (var i = 0; i < p.Length; i++) d[i] = p[i] * (g[i] - dot);
            }
        }
    }

    public void LogSoftmax(Tensor x, Tensor y)
    {
        if (x.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            for (var row = 0; row < RowCount(x); row++)
            {
                Span<T> source = Row<T>(x, row), target = Row<T>(y, row);
                var logSum = LogSumExp<T>(source);
                for (var i = 0; i < source.Length; i++) target[i] = source[i] - logSum;
            }
        }
    }

    public void LogSoftmaxGradient(Tensor y, Tensor dy, Tensor dx)
    {
        if (y.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            for (var row = 0; row < RowCount(y); row++)
            {
                Span<T> l = Row<T>(y, row), g = Row<T>(dy, row), d = Row<T>(dx, row);
                var sum = T.Zero;
                for (var i = 0; i < l.Length; i++) sum += g[i];
                for (var i = 0; i < l.Length; i++) d[i] = g[i] - T.Exp(l[i]) * sum;
            }
        }
    }

    public void LayerNorm(Tensor x, Tensor? weight, Tensor? bias, double epsilon, Tensor y, Tensor mean, Tensor rstd)
    {
        if (x.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            for (var row = 0; row < RowCount(x); row++)
            {
                Span<T> source = Row<T>(x, row), target = Row<T>(y, row);
                var n = T.CreateChecked(source.Length);
                T sum = T.Zero, squares = T.Zero;
                foreach (var value in source) sum += value;
                var m = sum / n;
                foreach (var value in source) squares += (value - m) * (value - m);
                var r = T.One / T.Sqrt(squares / n + T.CreateChecked(epsilon));
                for (var i = 0; i < source.Length; i++)
                {
                    target[i] = (source[i] - m) * r;
                    if (weight is not null) target[i] *= weight.Span<T>()[i];
                    if (bias is not null) target[i] += bias.Span<T>()[i];
                }
                (mean.Span<T>()[row], rstd.Span<T>()[row]) = (m, r);
            }
        }
    }

    public void LayerNormGradient(Tensor x, Tensor? weight, Tensor mean, Tensor rstd, Tensor dy, Tensor dx, bool accumulate, Tensor? dweight, Tensor? dbias)
    {
        if (x.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            dweight?.Span<T>().Clear();
            dbias?.Span<T>().Clear();
            for (var row = 0; row < RowCount(x); row++)
            {
                Span<T> source = Row<T>(x, row), g = Row<T>(dy, row), d = Row<T>(dx, row);
                var m = mean.Span<T>()[row];
                var r = rstd.Span<T>()[row];
                var n = T.CreateChecked(source.Length);
                T sum = T.Zero, dot = T.Zero;
                for (var i = 0; i < source.Length; i++)
                {
                    var normalised = (source[i] - m) * r;
                    var scaled = weight is null ? g[i] : g[i] * weight.Span<T>()[i];
                    sum += scaled;
                    dot += scaled * normalised;
                    if (dweight is not null) dweight.Span<T>()[i] += g[i] * normalised;
                    if (dbias is not null) dbias.Span<T>()[i] += g[i];
                }
                for (var i = 0; i < source.Length; i++)
                {
                    var normalised = (source[i] - m) * r;
                    var scaled = weight is null ? g[i] : g[i] * weight.Span<T>()[i];
                    d[i] = (accumulate ? d[i] : T.Zero) + r * (scaled - sum / n - normalised * dot / n);
                }
            }
        }
    }

    public void RmsNorm(Tensor x, Tensor weight, double epsilon, Tensor y, Tensor rrms)
    {
        if (x.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            var w = weight.Span<T>();
            for (var row = 0; row < RowCount(x); row++)
            {
                Span<T> source = Row<T>(x, row), target = Row<T>(y, row);
                var squares = T.Zero;
                foreach (var value in source) squares += value * value;
                var r = T.One / T.Sqrt(squares / T.CreateChecked(source.Length) + T.CreateChecked(epsilon));
                for (var i = 0; i < source.Length; i++) target[i] = source[i] * r * w[i];
                rrms.Span<T>()[row] = r;
            }
        }
    }

    public void RmsNormGradient(Tensor x, Tensor weight, Tensor rrms, Tensor dy, Tensor dx, bool accumulate, Tensor dweight)
    {
        if (x.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            Span<T> w = weight.Span<T>(), dw = dweight.Span<T>();
            dw.Clear();
            for (var row = 0; row < RowCount(x); row++)
            {
                Span<T> source = Row<T>(x, row), g = Row<T>(dy, row), d = Row<T>(dx, row);
                var r = rrms.Span<T>()[row];
                var dot = T.Zero;
                for (var i = 0; i < source.Length; i++)
                {
                    dot += g[i] * w[i] * source[i] * r;
                    dw[i] += g[i] * source[i] * r;
                }
                dot /= T.CreateChecked(source.Length);
                for (var i = 0; i < source.Length; i++) d[i] = (accumulate ? d[i] : T.Zero) + r * (g[i] * w[i] - source[i] * r * dot);
            }
        }
    }

    public void CrossEntropy(Tensor logits, Tensor targets, int ignoreIndex, double labelSmoothing, Tensor losses, double scale, Tensor? gradient)
    {
        if (logits.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            Span<T> loss = losses.Span<T>();
            var ids = targets.Span<int>();
            var factor = T.CreateChecked(scale);
            for (var row = 0; row < ids.Length; row++)
            {
                Span<T> source = Row<T>(logits, row);
                var target = ids[row];
                if (target == ignoreIndex)
                {
                    loss[row] = T.Zero;
                    if (gradient is not null) Row<T>(gradient, row).Clear();
                    continue;
                }
                var (hit, spread) = (T.CreateChecked(1 - labelSmoothing), T.CreateChecked(labelSmoothing / source.Length));
                var (logSum, total) = (LogSumExp<T>(source), T.Zero);
                foreach (var value in source) total += logSum - value;
                loss[row] = hit * (logSum - source[target]) + (labelSmoothing == 0 ? T.Zero : spread * total);
                if (gradient is null) continue;
                var d = Row<T>(gradient, row);
                for (var i = 0; i < source.Length; i++) d[i] = factor * (T.Exp(source[i] - logSum) - spread);
                d[target] -= factor * hit;
            }
        }
    }

    private static int RowCount(Tensor x) => x.Shape[-1] == 0 ? 0 : checked((int)(x.Count / x.Shape[-1]));

    private static Span<T> Row<T>(Tensor x, int row) where T : unmanaged => new(x.Pointer<T>() + (long)row * x.Shape[-1], x.Shape[-1]);

    private static T Max<T>(ReadOnlySpan<T> values) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var max = T.NegativeInfinity;
        foreach (var value in values) max = T.Max(max, value);
        return max;
    }

    private static T LogSumExp<T>(ReadOnlySpan<T> values) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (max, sum) = (Max(values), T.Zero);
        foreach (var value in values) sum += T.Exp(value - max);
        return max + T.Log(sum);
    }
}
