using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Elementwise;

/// <summary>One step of Adam with decoupled weight decay, in one pass over contiguous arrays. Loshchilov and Hutter 2019, arXiv:1711.05101.</summary>
/// <remarks>The arithmetic is PyTorch's: θ ← θ·(1 − η·λ); m ← m + (g − m)·(1 − β₁); v ← v·β₂ + g²·(1 − β₂); θ ← θ − η ÷ (1 − β₁ᵗ)·m ÷ (√v ÷ √(1 − β₂ᵗ) + ε).</remarks>
internal readonly unsafe struct AdamWStep
{
    private const int ElementsPerItem = 1 << 13;

    /// <summary>η.</summary>
    public required double LearningRate { get; init; }

    /// <summary>β₁.</summary>
    public required double Beta1 { get; init; }

    /// <summary>β₂.</summary>
    public required double Beta2 { get; init; }

    /// <summary>ε.</summary>
    public required double Epsilon { get; init; }

    /// <summary>λ.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>t, 1 for the first step.</summary>
    public required long Step { get; init; }

    /// <summary>What gradients are multiplied by first, as clipping asks.</summary>
    public float GradientScale { get; init; } = 1f;

    /// <summary>A step to be filled in by an initialiser; the gradient scale starts at 1.</summary>
    public AdamWStep()
    {
    }

    /// <summary>Updates parameters and both moments of one weight that decays.</summary>
    public void Run(WorkerPool pool, float* parameters, float* gradients, float* firstMoments, float* secondMoments, nint length)
    {
        var piece = new AdamWPiece(parameters, gradients, firstMoments, secondMoments, length, decays: true);
        Run(pool, &piece, 1);
    }

    /// <summary>Updates all pieces, one fork for them together: a model has more small weights than large ones.</summary>
    public void Run(WorkerPool pool, AdamWPiece* pieces, int count)
    {
        var items = 0;
        for (var i = 0; i < count; i++)
        {
            pieces[i].FirstItem = items;
            items += (int)((pieces[i].Length + ElementsPerItem - 1) / ElementsPerItem);
        }
        pool.Run(items, new Work(this, pieces, count));
    }

    private readonly struct Work(AdamWStep step, AdamWPiece* pieces, int count) : IParallelWork
    {
        public void Execute(int item)
        {
            // The last piece that begins with this item or before; empty ones begin with the same item as the next.
            var (low, high) = (0, count - 1);
            while (low < high)
            {
                var middle = (low + high + 1) / 2;
                if (pieces[middle].FirstItem <= item) low = middle;
                else high = middle - 1;
            }
            var piece = pieces + low;
            var start = (nint)(item - piece->FirstItem) * ElementsPerItem;
            Update(piece, start, Math.Min(piece->Length, start + ElementsPerItem));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Update(AdamWPiece* piece, nint start, nint end)
        {
            float* parameters = piece->Parameters, gradients = piece->Gradients, firstMoments = piece->FirstMoments, secondMoments = piece->SecondMoments;
            var decay = Vector512.Create((float)(1 - step.LearningRate * (piece->Decays ? step.WeightDecay : 0)));
            var toGradient = Vector512.Create((float)(1 - step.Beta1));
            var beta2 = Vector512.Create((float)step.Beta2);
            var toSquare = Vector512.Create((float)(1 - step.Beta2));
            var size = Vector512.Create((float)(step.LearningRate / (1 - Math.Pow(step.Beta1, step.Step))));
            var correction = Vector512.Create((float)Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step)));
            var epsilon = Vector512.Create((float)step.Epsilon);
            var scale = Vector512.Create(step.GradientScale);
            for (var i = start; i < end; i += 16)
            {
                var left = end - i;
                var g = VectorMath.Load(gradients + i, left) * scale;
                var m = VectorMath.Load(firstMoments + i, left);
                m = Vector512.MultiplyAddEstimate(g - m, toGradient, m);
                var v = Vector512.MultiplyAddEstimate(g * g, toSquare, VectorMath.Load(secondMoments + i, left) * beta2);
                var p = VectorMath.Load(parameters + i, left) * decay - size * (m / (Vector512.Sqrt(v) / correction + epsilon));
                VectorMath.Store(m, firstMoments + i, left);
                VectorMath.Store(v, secondMoments + i, left);
                VectorMath.Store(p, parameters + i, left);
            }
        }
    }
}
