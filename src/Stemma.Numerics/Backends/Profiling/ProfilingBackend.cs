using System.Diagnostics;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Profiling;

/// <summary>A backend that times each call of another one and counts the operations and bytes that the call cannot do without.</summary>
/// <param name="inner">What computes.</param>
/// <param name="precision">What it rounds the factors of matrix products, attention and recurrences to.</param>
internal sealed class ProfilingBackend(IBackend inner, ComputePrecision precision) : IBackend
{
    private double _inside;    // seconds of the calls within the current one

    /// <summary>All that was called since this was last cleared.</summary>
    public Dictionary<(string Operation, string Shape), OperationCost> Costs { get; } = [];

    public void Copy(Tensor x, Tensor y) => Timed("copy", $"{y.Shape}", 0, Bytes(x, y), () => inner.Copy(x, y));

    public void Accumulate(Tensor x, Tensor y) => Timed("accumulate", $"{y.Shape}", y.Count, Bytes(x, y, y), () => inner.Accumulate(x, y));

    public void Affine(Tensor x, double scale, double shift, Tensor y) => Timed("affine", $"{y.Shape}", 2 * y.Count, Bytes(x, y), () => inner.Affine(x, scale, shift, y));

    public void Clamp(Tensor x, double low, double high, Tensor y) => Timed("clamp", $"{y.Shape}", y.Count, Bytes(x, y), () => inner.Clamp(x, low, high, y));

    public void Map<TKernel>(Tensor x, Tensor y) where TKernel : struct, IUnaryKernel => Timed(Name<TKernel>(), $"{y.Shape}", y.Count, Bytes(x, y), () => inner.Map<TKernel>(x, y));

    public void MapGradient<TKernel>(Tensor x, Tensor y, Tensor dy, Tensor dx) where TKernel : struct, IUnaryKernel =>
        Timed(Name<TKernel>() + " gradient", $"{dx.Shape}", dx.Count, Bytes(x, dy, dx), () => inner.MapGradient<TKernel>(x, y, dy, dx));

    public void Zip<TKernel>(Tensor a, Tensor b, Tensor y) where TKernel : struct, IBinaryKernel => Timed(Name<TKernel>(), $"{y.Shape}", y.Count, Bytes(a, b, y), () => inner.Zip<TKernel>(a, b, y));

    public void Reduce<TKernel>(Tensor x, int outer, int length, int inner1, Tensor y) where TKernel : struct, IReductionKernel =>
        Timed("reduce " + Name<TKernel>(), $"[{outer}, {length}, {inner1}]", x.Count, Bytes(x, y), () => inner.Reduce<TKernel>(x, outer, length, inner1, y));

    public double SumOfSquares(Tensor x)
    {
        var sum = 0.0;
        Timed("sum of squares", $"{x.Shape}", 2 * x.Count, Bytes(x), () => sum = inner.SumOfSquares(x));
        return sum;
    }

    public void MatMul(Tensor a, Tensor b, Tensor c, Tensor? bias, bool accumulate) =>
        Product("matmul", a, b, c, 0, Bytes(c), () => inner.MatMul(a, b, c, bias, accumulate));

    public void MatMulMap<TKernel>(Tensor a, Tensor b, Tensor? bias, Tensor? product, Tensor y) where TKernel : struct, IActivationKernel =>
        Product("matmul + " + Name<TKernel>(), a, b, y, 1, Bytes(y) * (product is null ? 1 : 2), () => inner.MatMulMap<TKernel>(a, b, bias, product, y));

    public void MatMulMapGradient<TKernel>(Tensor a, Tensor b, Tensor x, Tensor y, Tensor dx, Tensor? value) where TKernel : struct, IActivationKernel =>
        Product($"matmul + {Name<TKernel>()} grad.", a, b, dx, 1, Bytes(dx, x) + (value is null ? 0 : Bytes(value)), () => inner.MatMulMapGradient<TKernel>(a, b, x, y, dx, value));

    public void MatMulDropout(Tensor a, Tensor b, Tensor? bias, DType product, double probability, RandomStream stream, Tensor residual, Tensor y) =>
        Product(probability > 0 ? "matmul + dropout + residual" : "matmul + residual", a, b, y, probability > 0 ? 10 : 1, Bytes(residual, y), () => inner.MatMulDropout(a, b, bias, product, probability, stream, residual, y));

    public void Gather(Tensor table, Tensor ids, Tensor y) => Timed("gather", $"{y.Shape}", 0, Bytes(y, y), () => inner.Gather(table, ids, y));

    public void ScatterAdd(Tensor dy, Tensor ids, Tensor table) => Timed("scatter-add", $"{dy.Shape}", dy.Count, Bytes(dy, dy, dy), () => inner.ScatterAdd(dy, ids, table));

    public void Softmax(Tensor x, Tensor y) => Timed("softmax", $"{x.Shape}", 4 * x.Count, Bytes(x, y), () => inner.Softmax(x, y));

    public void SoftmaxGradient(Tensor y, Tensor dy, Tensor dx) => Timed("softmax gradient", $"{y.Shape}", 4 * y.Count, Bytes(y, dy, dx), () => inner.SoftmaxGradient(y, dy, dx));

    public void LogSoftmax(Tensor x, Tensor y) => Timed("log-softmax", $"{x.Shape}", 4 * x.Count, Bytes(x, y), () => inner.LogSoftmax(x, y));

    public void LogSoftmaxGradient(Tensor y, Tensor dy, Tensor dx) => Timed("log-softmax gradient", $"{y.Shape}", 4 * y.Count, Bytes(y, dy, dx), () => inner.LogSoftmaxGradient(y, dy, dx));

    public void LayerNorm(Tensor x, Tensor? weight, Tensor? bias, double epsilon, Tensor y, Tensor mean, Tensor rstd) =>
        Timed("layer norm", $"{x.Shape}", 8 * x.Count, Bytes(x, y), () => inner.LayerNorm(x, weight, bias, epsilon, y, mean, rstd));

    public void LayerNormGradient(Tensor x, Tensor? weight, Tensor mean, Tensor rstd, Tensor dy, Tensor dx, bool accumulate, Tensor? dweight, Tensor? dbias) =>
        Timed("layer norm gradient", $"{x.Shape}", 14 * x.Count, Bytes(x, dy, dx) + (accumulate ? Bytes(dx) : 0), () => inner.LayerNormGradient(x, weight, mean, rstd, dy, dx, accumulate, dweight, dbias));

    public void RmsNorm(Tensor x, Tensor weight, double epsilon, Tensor y, Tensor rrms) => Timed("rms norm", $"{x.Shape}", 5 * x.Count, Bytes(x, y), () => inner.RmsNorm(x, weight, epsilon, y, rrms));

    public void RmsNormGradient(Tensor x, Tensor weight, Tensor rrms, Tensor dy, Tensor dx, bool accumulate, Tensor dweight) =>
        Timed("rms norm gradient", $"{x.Shape}", 10 * x.Count, Bytes(x, dy, dx) + (accumulate ? Bytes(dx) : 0), () => inner.RmsNormGradient(x, weight, rrms, dy, dx, accumulate, dweight));

    public void Dropout(Tensor x, double probability, RandomStream stream, Tensor? residual, Tensor y) =>
        Timed(residual is null ? "dropout" : "dropout + residual", $"{x.Shape}", 10 * x.Count, Bytes(x, y, residual ?? Tensor.Empty([0])), () => inner.Dropout(x, probability, stream, residual, y));

    public void CrossEntropy(Tensor logits, Tensor targets, int ignoreIndex, double labelSmoothing, Tensor losses, double scale, Tensor? gradient) =>
        Timed("cross-entropy", $"{logits.Shape}", 6 * logits.Count, Bytes(logits) * (gradient is null ? 1 : 2), () => inner.CrossEntropy(logits, targets, ignoreIndex, labelSmoothing, losses, scale, gradient));

    public void Attention(in AttentionArguments arguments, Tensor y, Tensor logSumExp)
    {
        var copy = arguments;
        Timed("attention", $"{arguments.Queries.Shape}", AttentionFlops(arguments, 2), Bytes(arguments.Queries, arguments.Keys, arguments.Values, y), () => inner.Attention(copy, y, logSumExp), precision);
    }

    public Tensor? RoomForKept(in AttentionArguments arguments) => inner.RoomForKept(arguments);

    public void AttentionGradient(in AttentionArguments arguments, Tensor y, Tensor logSumExp, Tensor dy, Tensor dq, Tensor dk, Tensor dv, Tensor? dbias)
    {
        var copy = arguments;
        Timed("attention gradient", $"{arguments.Queries.Shape}", AttentionFlops(arguments, 5), Bytes(arguments.Queries, arguments.Keys, arguments.Values, y, dy, dq, dk, dv), () => inner.AttentionGradient(copy, y, logSumExp, dy, dq, dk, dv, dbias), precision);
    }

    public void Rotate(Tensor x, Tensor cosines, Tensor sines, RotaryPairing pairing, bool back, Tensor y) =>
        Timed("rotary", $"{x.Shape}", 3 * x.Count, Bytes(x, cosines, sines, y), () => inner.Rotate(x, cosines, sines, pairing, back, y));

    public void Recur<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y) where TCell : struct, IRecurrentCell
    {
        var copy = arguments;
        Timed("recurrence", $"{gates.Shape}", 2 * gates.Count * arguments.HiddenSize, Bytes(gates, gates, y), () => inner.Recur<TCell>(copy, gates, memory, y), precision);
    }

    public void RecurGradient<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y, in RecurrentGradients gradients) where TCell : struct, IRecurrentCell
    {
        var (copy, results) = (arguments, gradients);
        Timed("recurrence gradient", $"{gates.Shape}", 2 * gates.Count * arguments.HiddenSize, Bytes(gates, gates, y, gradients.Output), () => inner.RecurGradient<TCell>(copy, gates, memory, y, results), precision);
    }

    public void Adam(in AdamArguments arguments, ReadOnlySpan<AdamWeight> weights)
    {
        var (copy, all) = (arguments, weights.ToArray());
        var bytes = all.Sum(w => Bytes(w.Weight, w.Gradient, w.Mean, w.Variance) + Bytes(w.Weight, w.Mean, w.Variance));
        Timed("adam", $"{all.Length} weights", 12.0 * all.Sum(w => w.Weight.Count), bytes, () => inner.Adam(copy, all));
    }

    public void Sgd(in SgdArguments arguments, Tensor weight, Tensor gradient, Tensor? velocity)
    {
        var copy = arguments;
        Timed("sgd", $"{weight.Shape}", 4 * weight.Count, Bytes(weight, gradient, weight), () => inner.Sgd(copy, weight, gradient, velocity));
    }

    /// <param name="operation">What it is called.</param>
    /// <param name="a">The left factor.</param>
    /// <param name="b">The right factor.</param>
    /// <param name="c">The product.</param>
    /// <param name="flopsAfter">Operations on each sum once it is complete.</param>
    /// <param name="bytes">Of everything but the factors.</param>
    /// <param name="call">Computes it.</param>
    private void Product(string operation, Tensor a, Tensor b, Tensor c, double flopsAfter, double bytes, Action call)
    {
        static char Order(Tensor x) => x.Strides[x.Rank - 1] == 1 ? 'N' : 'T';
        Timed(operation, $"{c.Shape[-2]}x{c.Shape[-1]}x{a.Shape[-1]} {Order(a)}{Order(b)}", (2 * a.Shape[-1] + flopsAfter) * c.Count, Bytes(a, b) + bytes, call, precision);
    }

    private static string Name<T>() => typeof(T).Name.Replace("Kernel", "", StringComparison.Ordinal).ToLowerInvariant();

    private static double Bytes(params ReadOnlySpan<Tensor> tensors)
    {
        var bytes = 0.0;
        foreach (var tensor in tensors) bytes += tensor.Count * tensor.DType.Size();
        return bytes;
    }

    /// <summary>Multiplications and additions of the visible half of the scores, for the given number of matrix products.</summary>
    private static double AttentionFlops(in AttentionArguments arguments, int products)
    {
        var pairs = 0.0;
        var queries = arguments.Layout.QueryOffsets;
        var keys = arguments.Layout.KeyOffsets;
        for (var i = 0; i + 1 < queries.Length; i++)
        {
            double rows = queries[i + 1] - queries[i], columns = keys[i + 1] - keys[i];
            pairs += rows * columns - rows * (rows - 1) / 2;
        }
        return 2.0 * products * pairs * arguments.Queries.Shape[1] * arguments.Queries.Shape[2];
    }

    private void Timed(string operation, string shape, double flops, double bytes, Action call, ComputePrecision factors = ComputePrecision.Float32)
    {
        // A call may need a value that was given up and is computed again, by calls of its own: their time is theirs.
        var inOuter = _inside;
        _inside = 0;
        var start = Stopwatch.GetTimestamp();
        call();
        var all = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var seconds = all - _inside;
        _inside = inOuter + all;
        if (!Costs.TryGetValue((operation, shape), out var cost)) Costs[(operation, shape)] = cost = new() { Precision = factors };
        cost.Calls++;
        cost.Seconds += seconds;
        cost.BestSeconds = Math.Min(cost.BestSeconds, seconds);
        cost.Flops += flops;
        cost.Bytes += bytes;
    }
}
