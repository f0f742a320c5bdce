using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Rows;

/// <summary>What a normalisation takes out of a row before it divides by its size.</summary>
internal interface INormKind
{
    /// <summary>Whether the mean is subtracted.</summary>
    public static abstract bool Centers { get; }
}

/// <summary>Layer normalisation: mean 0, variance 1. Ba, Kiros and Hinton 2016, arXiv:1607.06450.</summary>
internal readonly struct LayerNormKind : INormKind
{
    public static bool Centers => true;
}

/// <summary>Root mean square 1. Zhang and Sennrich 2019, arXiv:1910.07467.</summary>
internal readonly struct RmsNormKind : INormKind
{
    public static bool Centers => false;
}

/// <summary>Normalises each row of a contiguous [rows, width] matrix: y = (x − mean)·r·weight + bias with r = 1 ÷ √(mean square + ε).</summary>
internal static unsafe class NormRows<TKind> where TKind : struct, INormKind
{
    /// <summary>Writes y, and of every row the mean (where there is one) and r, which backward reads.</summary>
    /// <param name="pool">The threads to spread over.</param>
    /// <param name="x">[rows, width].</param>
    /// <param name="weight">[width], or null for ones.</param>
    /// <param name="bias">[width], or null for zeros.</param>
    /// <param name="y">[rows, width]; may be x.</param>
    /// <param name="means">[rows]; null for <see cref="RmsNormKind"/>.</param>
    /// <param name="inverses">[rows]: r.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Elements of a row.</param>
    /// <param name="epsilon">ε.</param>
    public static void Forward<TY>(WorkerPool pool, float* x, float* weight, float* bias, TY* y, float* means, float* inverses, nint rows, nint width, float epsilon) where TY : unmanaged
    {
        var chunks = RowChunks.Independent(rows, width);
        pool.Run(chunks.Count, new ForwardWork<TY>(x, weight, bias, y, means, inverses, width, epsilon, chunks));
    }

    /// <summary>Writes dx, or adds it to what stands there, and, unless null, the gradients of weight and bias, summed over fixed chunks of rows that are added in order.</summary>
    public static void Backward<TDy>(WorkerPool pool, float* x, float* weight, float* means, float* inverses, TDy* dy, float* dx, bool accumulate, float* weightGradient, float* biasGradient, nint rows, nint width) where TDy : unmanaged
    {
        var chunks = RowChunks.Partial(rows, width);
        var stride = (width + 15) / 16 * 16;
        var partials = Scratch.Take(ScratchSlot.Partials, Math.Max(1, chunks.Count) * 2 * stride);
        pool.Run(chunks.Count, new BackwardWork<TDy>(x, weight, means, inverses, dy, dx, accumulate, partials, stride, width, weightGradient != null, biasGradient != null, chunks));
        if (weightGradient != null)
            ColumnSums.Combine(partials, 2 * stride, chunks.Count, width, weightGradient);
        if (biasGradient != null)
            ColumnSums.Combine(partials + stride, 2 * stride, chunks.Count, width, biasGradient);
    }

    private readonly struct ForwardWork<TY>(float* x, float* weight, float* bias, TY* y, float* means, float* inverses, nint width, float epsilon, RowChunks chunks) : IParallelWork where TY : unmanaged
    {
        public void Execute(int item)
        {
            for (var row = chunks.First(item); row < chunks.End(item); row++)
                Row(x + row * width, y + row * width, row);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Row(float* x, TY* y, nint row)
        {
            var mean = 0f;
            if (TKind.Centers)
            {
                var sum = Vector512<float>.Zero;
                for (nint i = 0; i < width; i += 16)
                    sum += VectorMath.Load(x + i, width - i);
                mean = VectorMath.Sum(sum) / width;
                means[row] = mean;
            }
            var center = Vector512.Create(mean);
            var squares = Vector512<float>.Zero;
            for (nint i = 0; i < width; i += 16)
            {
                var centered = VectorMath.Load(x + i, width - i, mean) - center;
                squares = Vector512.MultiplyAddEstimate(centered, centered, squares);
            }
            var inverse = 1f / MathF.Sqrt(VectorMath.Sum(squares) / width + epsilon);
            inverses[row] = inverse;
            var factor = Vector512.Create(inverse);
            for (nint i = 0; i < width; i += 16)
            {
                var value = (VectorMath.Load(x + i, width - i) - center) * factor;
                if (weight != null)
                    value *= VectorMath.Load(weight + i, width - i);
                if (bias != null)
                    value += VectorMath.Load(bias + i, width - i);
                Stored<TY>.Store(value, y + i, width - i);
            }
        }
    }

    private readonly struct BackwardWork<TDy>(float* x, float* weight, float* means, float* inverses, TDy* dy, float* dx, bool accumulate, float* partials, nint stride, nint width, bool weightGradient, bool biasGradient, RowChunks chunks) : IParallelWork where TDy : unmanaged
    {
        public void Execute(int item)
        {
            var sums = partials + item * 2 * stride;
            new Span<float>(sums, (int)(2 * stride)).Clear();
            for (var row = chunks.First(item); row < chunks.End(item); row++)
                Row(x + row * width, dy + row * width, dx + row * width, TKind.Centers ? means[row] : 0f, inverses[row], sums);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Row(float* x, TDy* dy, float* dx, float mean, float inverse, float* sums)
        {
            var center = Vector512.Create(mean);
            var factor = Vector512.Create(inverse);
            Vector512<float> plain = Vector512<float>.Zero, weighted = Vector512<float>.Zero;
            for (nint i = 0; i < width; i += 16)
            {
                var left = width - i;
                var normal = (VectorMath.Load(x + i, left, mean) - center) * factor;
                var gradient = Stored<TDy>.Load(dy + i, left);
                if (weightGradient)
                    Vector512.MultiplyAddEstimate(gradient, normal, Vector512.Load(sums + i)).Store(sums + i);
                if (biasGradient)
                    (Vector512.Load(sums + stride + i) + gradient).Store(sums + stride + i);
                if (weight != null)
                    gradient *= VectorMath.Load(weight + i, left);
                plain += gradient;
                weighted = Vector512.MultiplyAddEstimate(gradient, normal, weighted);
            }
            var plainMean = Vector512.Create(TKind.Centers ? VectorMath.Sum(plain) / width : 0f);
            var weightedMean = Vector512.Create(VectorMath.Sum(weighted) / width);
            for (nint i = 0; i < width; i += 16)
            {
                var left = width - i;
                var normal = (VectorMath.Load(x + i, left, mean) - center) * factor;
                var gradient = Stored<TDy>.Load(dy + i, left);
                if (weight != null)
                    gradient *= VectorMath.Load(weight + i, left);
                var result = (gradient - plainMean - normal * weightedMean) * factor;
                if (accumulate)
                    result += VectorMath.Load(dx + i, left);
                VectorMath.Store(result, dx + i, left);
            }
        }
    }
}
