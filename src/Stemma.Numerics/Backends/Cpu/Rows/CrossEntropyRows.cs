using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Rows;

/// <summary>Cross-entropy of logits against one target each, forward and backward in one visit of each row.</summary>
internal static unsafe class CrossEntropyRows
{
    /// <summary>Writes each row's loss: (1 − s)·(−log p of the target) + s·(mean of −log p over the vocabulary), nats, with s the smoothing.</summary>
    /// <remarks>Label smoothing as in Szegedy et al. 2016, arXiv:1512.00567, section 7. The loss itself is not scaled.</remarks>
    /// <param name="pool">The threads to spread over.</param>
    /// <param name="logits">[rows, vocab]; read, or overwritten by the gradient if one is wanted.</param>
    /// <param name="targets">[rows]: token ids, or <paramref name="ignored"/>.</param>
    /// <param name="ignored">The target that asks for nothing: its loss and gradient are zero.</param>
    /// <param name="losses">[rows].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="vocabSize">Elements of a row.</param>
    /// <param name="smoothing">0 ≤ s &lt; 1.</param>
    /// <param name="gradientScale">What the gradient is multiplied by; null leaves the logits as they are.</param>
    public static void Run(WorkerPool pool, float* logits, int* targets, int ignored, float* losses, nint rows, nint vocabSize, float smoothing, float? gradientScale)
    {
        var chunks = RowChunks.Independent(rows, vocabSize);
        pool.Run(chunks.Count, new Work(logits, targets, ignored, losses, vocabSize, smoothing, gradientScale != null, gradientScale ?? 0f, chunks));
    }

    private readonly struct Work(float* logits, int* targets, int ignored, float* losses, nint width, float smoothing, bool wantsGradient, float scale, RowChunks chunks) : IParallelWork
    {
        public void Execute(int item)
        {
            for (var row = chunks.First(item); row < chunks.End(item); row++)
                Row(logits + row * width, targets[row], losses + row);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Row(float* x, int target, float* loss)
        {
            if (target == ignored)
            {
                *loss = 0f;
                if (wantsGradient)
                    for (nint i = 0; i < width; i += 16)
                        VectorMath.Store(Vector512<float>.Zero, x + i, width - i);
                return;
            }
            if ((nuint)target >= (nuint)width)
                throw new ArgumentOutOfRangeException(nameof(target), target, $"A target must be {ignored} or a token id below the {width} logits of a row.");
            var maximum = SoftmaxRows.Max(x, width);
            var chosen = x[target];
            var mean = smoothing > 0f ? Mean(x) : 0f;
            var sum = wantsGradient ? SoftmaxRows.Exp(x, x, width, maximum) : SoftmaxRows.SumExp(x, width, maximum);
            *loss = MathF.Log(sum) - ((1f - smoothing) * (chosen - maximum) + (smoothing > 0f ? smoothing * (mean - maximum) : 0f));
            if (!wantsGradient)
                return;
            var factor = Vector512.Create(scale / sum);
            var everywhere = Vector512.Create(scale * smoothing / width);
            for (nint i = 0; i < width; i += 16)
                VectorMath.Store(VectorMath.Load(x + i, width - i) * factor - everywhere, x + i, width - i);
            x[target] -= scale * (1f - smoothing);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private float Mean(float* x)
        {
            var sum = Vector512<float>.Zero;
            for (nint i = 0; i < width; i += 16)
                sum += VectorMath.Load(x + i, width - i);
            return VectorMath.Sum(sum) / width;
        }
    }
}
