using System.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Reference;

internal sealed unsafe partial class ReferenceBackend
{
    public void Attention(in AttentionArguments arguments, Tensor y, Tensor logSumExp)
    {
        if (y.DType == DType.Float32) Attend<float>(arguments, y, logSumExp);
        else Attend<double>(arguments, y, logSumExp);
    }

    public void AttentionGradient(in AttentionArguments arguments, Tensor y, Tensor logSumExp, Tensor dy, Tensor dq, Tensor dk, Tensor dv)
    {
        if (y.DType == DType.Float32) AttendGradient<float>(arguments, logSumExp, dy, dq, dk, dv);
        else AttendGradient<double>(arguments, logSumExp, dy, dq, dk, dv);
    }

    private static void Attend<T>(in AttentionArguments arguments, Tensor y, Tensor logSumExp) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (_, heads, size) = y.Shape;
        var group = heads / arguments.Keys.Shape[1];
        var layout = arguments.Layout;
        var weights = new T[layout.LongestKey];
        for (var s = 0; s < layout.Count; s++)
        {
            var keyCount = layout.KeyOffsets[s + 1] - layout.KeyOffsets[s];
            for (var row = layout.QueryOffsets[s]; row < layout.QueryOffsets[s + 1]; row++)
            {
                for (var head = 0; head < heads; head++)
                {
                    T* q = Vector<T>(arguments.Queries, row, head), o = Vector<T>(y, row, head);
                    new Span<T>(o, size).Clear();
                    var (i, max, sum) = (row - layout.QueryOffsets[s], T.NegativeInfinity, T.Zero);
                    for (var j = 0; j < keyCount; j++)
                    {
                        weights[j] = Sees(arguments, s, i, j) ? Score(arguments, q, layout.KeyOffsets[s] + j, head / group, size) : T.NegativeInfinity;
                        max = T.Max(max, weights[j]);
                    }
                    for (var j = 0; j < keyCount; j++) sum += weights[j] = T.IsNegativeInfinity(max) ? T.Zero : T.Exp(weights[j] - max);
                    logSumExp.Span<T>()[row * heads + head] = max + T.Log(sum);
                    for (var j = 0; j < keyCount; j++)
                    {
                        if (weights[j] == T.Zero) continue;
                        var weight = weights[j] / sum * Kept<T>(arguments, s, head, i, j);
                        T* v = Vector<T>(arguments.Values, layout.KeyOffsets[s] + j, head / group);
                        for (var d = 0; d < size; d++) o[d] += weight * v[d];
                    }
                }
            }
        }
    }

    private static void AttendGradient<T>(in AttentionArguments arguments, Tensor logSumExp, Tensor dy, Tensor dq, Tensor dk, Tensor dv)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (_, heads, size) = dy.Shape;
        var group = heads / arguments.Keys.Shape[1];
        var (layout, scale) = (arguments.Layout, T.CreateChecked(arguments.Scale));
        var (weights, weightGradients) = (new T[layout.LongestKey], new T[layout.LongestKey]);
        foreach (var gradient in (Tensor[])[dq, dk, dv]) Clear<T>(gradient);
        for (var s = 0; s < layout.Count; s++)
        {
            var (firstKey, keyCount) = (layout.KeyOffsets[s], layout.KeyOffsets[s + 1] - layout.KeyOffsets[s]);
            for (var row = layout.QueryOffsets[s]; row < layout.QueryOffsets[s + 1]; row++)
            {
                for (var head = 0; head < heads; head++)
                {
                    T* q = Vector<T>(arguments.Queries, row, head), g = Vector<T>(dy, row, head), gq = Vector<T>(dq, row, head);
                    var (i, dot) = (row - layout.QueryOffsets[s], T.Zero);
                    for (var j = 0; j < keyCount; j++)
                    {
                        if (!Sees(arguments, s, i, j)) continue;
                        weights[j] = T.Exp(Score(arguments, q, firstKey + j, head / group, size) - logSumExp.Span<T>()[row * heads + head]);
                        var kept = Kept<T>(arguments, s, head, i, j);
                        T* v = Vector<T>(arguments.Values, firstKey + j, head / group), gv = Vector<T>(dv, firstKey + j, head / group);
                        var sum = T.Zero;
                        for (var d = 0; d < size; d++)
                        {
                            sum += g[d] * v[d];
                            gv[d] += weights[j] * kept * g[d];
                        }
                        weightGradients[j] = sum * kept;
                        dot += weights[j] * weightGradients[j];
                    }
                    for (var j = 0; j < keyCount; j++)
                    {
                        if (!Sees(arguments, s, i, j)) continue;
                        var scoreGradient = weights[j] * (weightGradients[j] - dot) * scale;
                        T* k = Vector<T>(arguments.Keys, firstKey + j, head / group), gk = Vector<T>(dk, firstKey + j, head / group);
                        for (var d = 0; d < size; d++)
                        {
                            gq[d] += scoreGradient * k[d];
                            gk[d] += scoreGradient * q[d];
                        }
                    }
                }
            }
        }
    }

    private static void Clear<T>(Tensor x) where T : unmanaged
    {
        var (rows, heads, size) = x.Shape;
        for (var row = 0; row < rows; row++)
            for (var head = 0; head < heads; head++) new Span<T>(Vector<T>(x, row, head), size).Clear();
    }

    private static bool Sees(in AttentionArguments arguments, int sequence, int query, int key) =>
        arguments.Window.Sees(FirstPosition(arguments, sequence) + query, key);

    private static int FirstPosition(in AttentionArguments arguments, int sequence)
    {
        var layout = arguments.Layout;
        return layout.KeyOffsets[sequence + 1] - layout.KeyOffsets[sequence] - (layout.QueryOffsets[sequence + 1] - layout.QueryOffsets[sequence]);
    }

    private static T Score<T>(in AttentionArguments arguments, T* query, int key, int keyHead, int size) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* k = Vector<T>(arguments.Keys, key, keyHead);
        var sum = T.Zero;
        for (var d = 0; d < size; d++) sum += query[d] * k[d];
        return sum * T.CreateChecked(arguments.Scale);
    }

    private static T Kept<T>(in AttentionArguments arguments, int sequence, int head, int query, int key) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (arguments.DropoutProbability == 0) return T.One;
        return arguments.Dropout.Bits(AttentionArguments.DropoutPosition(sequence, head, FirstPosition(arguments, sequence) + query, key)) >= RandomStream.DropoutThreshold(arguments.DropoutProbability)
            ? T.CreateChecked(1 / (1 - arguments.DropoutProbability))
            : T.Zero;
    }

    private static T* Vector<T>(Tensor x, int row, int head) where T : unmanaged => x.Pointer<T>() + row * x.Strides[0] + head * x.Strides[1];
}
