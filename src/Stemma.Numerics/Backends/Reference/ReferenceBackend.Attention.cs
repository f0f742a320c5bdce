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

    public void AttentionGradient(in AttentionArguments arguments, Tensor y, Tensor logSumExp, Tensor dy, Tensor dq, Tensor dk, Tensor dv, Tensor? dbias)
    {
        if (y.DType == DType.Float32) AttendGradient<float>(arguments, y, logSumExp, dy, dq, dk, dv, dbias);
        else AttendGradient<double>(arguments, y, logSumExp, dy, dq, dk, dv, dbias);
    }

    public void Rotate(Tensor x, Tensor cosines, Tensor sines, RotaryPairing pairing, bool back, Tensor y)
    {
        if (y.DType == DType.Float32) Turn<float>(x, cosines, sines, pairing, back, y);
        else Turn<double>(x, cosines, sines, pairing, back, y);
    }

    private static void Turn<T>(Tensor x, Tensor cosines, Tensor sines, RotaryPairing pairing, bool back, Tensor y) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (rows, heads, size) = x.Shape;
        var pairs = cosines.Shape[1];
        for (var row = 0; row < rows; row++)
        {
            for (var head = 0; head < heads; head++)
            {
                T* source = Vector<T>(x, row, head), target = Vector<T>(y, row, head);
                for (var i = 0; i < pairs; i++)
                {
                    var (a, b) = pairing == RotaryPairing.Halves ? (i, pairs + i) : (2 * i, 2 * i + 1);
                    var (c, s) = (cosines.Span<T>()[row * pairs + i], sines.Span<T>()[row * pairs + i]);
                    if (back) s = -s;
                    target[a] = source[a] * c - source[b] * s;
                    target[b] = source[b] * c + source[a] * s;
                }
                for (var d = 2 * pairs; d < size; d++) target[d] = source[d];
            }
        }
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
            var blocks = arguments.Blocks(s);
            for (var row = layout.QueryOffsets[s]; row < layout.QueryOffsets[s + 1]; row++)
            {
                for (var head = 0; head < heads; head++)
                {
                    T* q = Vector<T>(arguments.Queries, row, head), o = Vector<T>(y, row, head);
                    new Span<T>(o, size).Clear();
                    var (i, sink) = (row - layout.QueryOffsets[s], Sink<T>(arguments, head));
                    var max = sink;
                    for (var j = 0; j < keyCount; j++)
                    {
                        weights[j] = Sees(arguments, blocks, s, i, j) ? Score(arguments, q, s, head, i, j, out _) : T.NegativeInfinity;
                        max = T.Max(max, weights[j]);
                    }
                    var sum = T.IsNegativeInfinity(sink) ? T.Zero : T.Exp(sink - max);
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

    private static void AttendGradient<T>(in AttentionArguments arguments, Tensor y, Tensor logSumExp, Tensor dy, Tensor dq, Tensor dk, Tensor dv, Tensor? dbias)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (_, heads, size) = dy.Shape;
        var group = heads / arguments.Keys.Shape[1];
        var (layout, scale) = (arguments.Layout, T.CreateChecked(arguments.Scale));
        var (weights, weightGradients, slopes) = (new T[layout.LongestKey], new T[layout.LongestKey], new T[layout.LongestKey]);
        foreach (var gradient in (Tensor[])[dq, dk, dv]) Clear<T>(gradient);
        dbias?.Span<T>().Clear();
        for (var s = 0; s < layout.Count; s++)
        {
            var (firstKey, keyCount) = (layout.KeyOffsets[s], layout.KeyOffsets[s + 1] - layout.KeyOffsets[s]);
            var blocks = arguments.Blocks(s);
            for (var row = layout.QueryOffsets[s]; row < layout.QueryOffsets[s + 1]; row++)
            {
                for (var head = 0; head < heads; head++)
                {
                    T* q = Vector<T>(arguments.Queries, row, head), g = Vector<T>(dy, row, head), gq = Vector<T>(dq, row, head);
                    // Σ weight · its gradient over all keys of the softmax, also those of other parts where this is one of several: what the output knows.
                    var (i, dot) = (row - layout.QueryOffsets[s], T.Zero);
                    for (var d = 0; d < size; d++) dot += y.Span<T>()[(row * heads + head) * size + d] * g[d];
                    for (var j = 0; j < keyCount; j++)
                    {
                        if (!Sees(arguments, blocks, s, i, j)) continue;
                        weights[j] = T.Exp(Score(arguments, q, s, head, i, j, out slopes[j]) - logSumExp.Span<T>()[row * heads + head]);
                        var kept = Kept<T>(arguments, s, head, i, j);
                        T* v = Vector<T>(arguments.Values, firstKey + j, head / group), gv = Vector<T>(dv, firstKey + j, head / group);
                        var sum = T.Zero;
                        for (var d = 0; d < size; d++)
                        {
                            sum += g[d] * v[d];
                            gv[d] += weights[j] * kept * g[d];
                        }
                        weightGradients[j] = sum * kept;
                    }
                    for (var j = 0; j < keyCount; j++)
                    {
                        if (!Sees(arguments, blocks, s, i, j)) continue;
                        var scoreGradient = weights[j] * (weightGradients[j] - dot);
                        if (dbias is not null) dbias.Span<T>()[head * dbias.Shape[1] + arguments.Scores!.Bias!.Column(FirstPosition(arguments, s) + i - j)] += scoreGradient;
                        scoreGradient *= slopes[j] * scale;
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

    private static bool Sees(in AttentionArguments arguments, BlockLayout? blocks, int sequence, int query, int key)
    {
        query += FirstPosition(arguments, sequence);
        return arguments.Layout.Sees(arguments.Window, sequence, query, key) && blocks?.Sees(query, key) != false;
    }

    private static int FirstPosition(in AttentionArguments arguments, int sequence)
    {
        var layout = arguments.Layout;
        return layout.KeyOffsets[sequence + 1] - layout.KeyOffsets[sequence] - (layout.QueryOffsets[sequence + 1] - layout.QueryOffsets[sequence]);
    }

    /// <summary>The score of a key for a query, both counted in their sequence, and how it changes with the scaled product.</summary>
    private static T Score<T>(in AttentionArguments arguments, T* query, int sequence, int head, int i, int j, out T slope) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var group = arguments.Queries.Shape[1] / arguments.Keys.Shape[1];
        T* k = Vector<T>(arguments.Keys, arguments.Layout.KeyOffsets[sequence] + j, head / group);
        var sum = T.Zero;
        for (var d = 0; d < arguments.Queries.Shape[2]; d++) sum += query[d] * k[d];
        var score = sum * T.CreateChecked(arguments.Scale);
        slope = T.One;
        if (arguments.Scores?.SoftCap is { } limit)
        {
            var cap = T.CreateChecked(limit);
            var bent = T.Tanh(score / cap);
            (score, slope) = (cap * bent, T.One - bent * bent);
        }
        if (arguments.Scores?.Bias is { } bias) score += bias.Table.Span<T>()[head * bias.Table.Shape[1] + bias.Column(FirstPosition(arguments, sequence) + i - j)];
        return score;
    }

    private static T Sink<T>(in AttentionArguments arguments, int head) where T : unmanaged, IFloatingPointIeee754<T> =>
        arguments.Scores?.Sinks is { } sinks ? sinks.Span<T>()[head] : T.NegativeInfinity;

    private static T Kept<T>(in AttentionArguments arguments, int sequence, int head, int query, int key) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (arguments.DropoutProbability == 0) return T.One;
        return arguments.Dropout.Bits(AttentionArguments.DropoutPosition(sequence, head, FirstPosition(arguments, sequence) + query, key)) >= RandomStream.DropoutThreshold(arguments.DropoutProbability)
            ? T.CreateChecked(1 / (1 - arguments.DropoutProbability))
            : T.Zero;
    }

    private static T* Vector<T>(Tensor x, int row, int head) where T : unmanaged => x.Pointer<T>() + row * x.Strides[0] + head * x.Strides[1];
}
