using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>The softmax of a column of sixteen queries' scores, [key][query] in units of log₂ e, and its gradient.</summary>
internal static unsafe class ScoreColumns
{
    /// <summary>Turns scores into (dropped) probabilities, up to the factor that the last maximum will fix.</summary>
    /// <param name="dropout">Dropout of probabilities.</param>
    /// <param name="column">Which scores count.</param>
    /// <param name="count">Keys of the tile.</param>
    /// <param name="scores">Scores; written over.</param>
    /// <param name="maxima">The largest score of each query so far.</param>
    /// <param name="sums">The sum of each query's probabilities so far, dropped ones included.</param>
    /// <param name="rescale">What results so far are to be multiplied by, for they were relative to an earlier maximum.</param>
    /// <param name="target">Gets the probabilities.</param>
    public static void Softmax<TTarget>(in AttentionDropout dropout, in ScoreColumn column, int count, float* scores, float* maxima, float* sums, float* rescale, in TTarget target)
        where TTarget : struct, IScoreTarget
    {
        var before = Vector512.Load(maxima);
        var maximum = Maximum(column, count, scores, before);
        maximum.Store(maxima);
        // A query that has seen no key yet has the maximum −∞; zero in its place keeps −∞ − −∞ away.
        var shift = Vector512.ConditionalSelect(Vector512.Equals(maximum, Vector512.Create(float.NegativeInfinity)), Vector512<float>.Zero, maximum);
        var factor = VectorMath.Exp2(before - shift);
        factor.Store(rescale);
        var sum = ScoreColumns256.IsSupported && typeof(TTarget) == typeof(Float32Scores) ? ScoreColumns256.Exponentiate(dropout, column, shift, scores)
            : dropout.Probability > 0f ? Exponentiate<Dropping, TTarget>(dropout, column, shift, scores, target) : Exponentiate<Keeping, TTarget>(dropout, column, shift, scores, target);
        (Vector512.Load(sums) * factor + sum).Store(sums);
        var zero = Vector512<float>.Zero;
        for (var j = Math.Max(0, column.Low - TTarget.Reach); j < column.Low; j += 4)
            target.Weights(j, zero, zero, zero, zero);
        for (var j = column.End; j < Math.Min(64, column.End + TTarget.Reach); j += 4)
            target.Weights(j, zero, zero, zero, zero);
    }

    /// <summary>Turns scores into (dropped) probabilities, and the gradients of those into gradients of scores.</summary>
    /// <param name="m">Scale and dropout.</param>
    /// <param name="column">Which scores count.</param>
    /// <param name="scores">Scores.</param>
    /// <param name="gradients">Gradients of probabilities.</param>
    /// <param name="shift">The log-sum-exp of each query, in units of log₂ e; +∞ where it sees nothing.</param>
    /// <param name="delta">Σ output · its gradient of each query, times the scale.</param>
    /// <param name="target">Gets probabilities and gradients.</param>
    public static void Differentiate<TTarget>(in AttentionArguments m, in ScoreColumn column, float* scores, float* gradients, Vector512<float> shift, Vector512<float> delta, in TTarget target)
        where TTarget : struct, IScoreTarget
    {
        if (ScoreColumns256.IsSupported && typeof(TTarget) == typeof(Float32Scores))
            ScoreColumns256.Differentiate(m, column, scores, gradients, shift, delta);
        else if (m.Dropout.Probability > 0f)
            Differentiate<Dropping, TTarget>(m, column, scores, gradients, shift, delta, target);
        else
            Differentiate<Keeping, TTarget>(m, column, scores, gradients, shift, delta, target);
        var zero = Vector512<float>.Zero;
        for (var j = Math.Max(0, column.Low - TTarget.Reach); j < column.Low; j += 4)
        {
            target.Weights(j, zero, zero, zero, zero);
            target.Gradients(j, zero, zero, zero, zero);
        }
        for (var j = column.End; j < Math.Min(64, column.End + TTarget.Reach); j += 4)
        {
            target.Weights(j, zero, zero, zero, zero);
            target.Gradients(j, zero, zero, zero, zero);
        }
    }

    /// <summary>The largest score of each query, and of those before; scores that do not count become −∞.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> Maximum(in ScoreColumn column, int count, float* scores, Vector512<float> maximum)
    {
        if (column.IsWhole)
        {
            var other = maximum;
            for (var j = 0; j < count; j += 2)
            {
                maximum = Vector512.MaxNative(maximum, Vector512.Load(scores + j * QueryTile.MaxCount));
                other = Vector512.MaxNative(other, Vector512.Load(scores + (j + 1) * QueryTile.MaxCount));
            }
            return Vector512.MaxNative(maximum, other);
        }
        for (var j = column.Low; j < column.End; j++)
        {
            var x = Vector512.ConditionalSelect(column.Sees(j), Vector512.Load(scores + j * QueryTile.MaxCount), Vector512.Create(float.NegativeInfinity));
            x.Store(scores + j * QueryTile.MaxCount);
            maximum = Vector512.MaxNative(maximum, x);
        }
        return maximum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> Exponentiate<TDrops, TTarget>(in AttentionDropout dropout, in ScoreColumn column, Vector512<float> shift, float* scores, in TTarget target)
        where TDrops : struct where TTarget : struct, IScoreTarget
    {
        var sum = Vector512<float>.Zero;
        var kept = stackalloc ushort[64];
        if (typeof(TDrops) == typeof(Dropping))
            kept = column.Draw(dropout, kept);
        for (var j = column.Low; j < column.End; j += 4)
        {
            var at = scores + j * QueryTile.MaxCount;
            var p0 = VectorMath.Exp2(Vector512.Load(at) - shift);
            var p1 = VectorMath.Exp2(Vector512.Load(at + QueryTile.MaxCount) - shift);
            var p2 = VectorMath.Exp2(Vector512.Load(at + 2 * QueryTile.MaxCount) - shift);
            var p3 = VectorMath.Exp2(Vector512.Load(at + 3 * QueryTile.MaxCount) - shift);
            sum = sum + p0 + p1 + p2 + p3;
            if (typeof(TDrops) == typeof(Dropping))
            {
                p0 = ScoreColumn.Keep(kept[j], p0);
                p1 = ScoreColumn.Keep(kept[j + 1], p1);
                p2 = ScoreColumn.Keep(kept[j + 2], p2);
                p3 = ScoreColumn.Keep(kept[j + 3], p3);
            }
            target.Weights(j, p0, p1, p2, p3);
        }
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate<TDrops, TTarget>(in AttentionArguments m, in ScoreColumn column, float* scores, float* gradients, Vector512<float> shift, Vector512<float> delta, in TTarget target)
        where TDrops : struct where TTarget : struct, IScoreTarget
    {
        var keptScale = Vector512.Create(m.Dropout.KeptScale);
        var scale = Vector512.Create(m.Dropout.KeptScale * m.Scale);
        var kept = stackalloc ushort[64];
        if (typeof(TDrops) == typeof(Dropping))
            kept = column.Kept(m.Dropout, kept);
        for (var j = column.Low; j < column.End; j += 4)
        {
            var p0 = One<TDrops>(column, j, scores, gradients, shift, delta, keptScale, scale, kept, out var g0);
            var p1 = One<TDrops>(column, j + 1, scores, gradients, shift, delta, keptScale, scale, kept, out var g1);
            var p2 = One<TDrops>(column, j + 2, scores, gradients, shift, delta, keptScale, scale, kept, out var g2);
            var p3 = One<TDrops>(column, j + 3, scores, gradients, shift, delta, keptScale, scale, kept, out var g3);
            target.Weights(j, p0, p1, p2, p3);
            target.Gradients(j, g0, g1, g2, g3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> One<TDrops>(in ScoreColumn column, int key, float* scores, float* gradients,
        Vector512<float> shift, Vector512<float> delta, Vector512<float> keptScale, Vector512<float> scale, ushort* kept, out Vector512<float> scoreGradient)
        where TDrops : struct
    {
        var p = VectorMath.Exp2(Vector512.Load(scores + key * QueryTile.MaxCount) - shift);
        var dp = Vector512.Load(gradients + key * QueryTile.MaxCount);
        var weight = p;
        if (typeof(TDrops) == typeof(Dropping))
        {
            weight = ScoreColumn.Keep(kept[key], p * keptScale);
            dp = ScoreColumn.Keep(kept[key], dp);
        }
        scoreGradient = p * (dp * scale - delta);
        if (!column.IsWhole)
        {
            var sees = column.Sees(key);
            weight = Vector512.ConditionalSelect(sees, weight, Vector512<float>.Zero);
            scoreGradient = Vector512.ConditionalSelect(sees, scoreGradient, Vector512<float>.Zero);
        }
        return weight;
    }

    /// <summary>Probabilities are dropped.</summary>
    private readonly struct Dropping;

    /// <summary>Probabilities are kept.</summary>
    private readonly struct Keeping;
}
