using System.Runtime.CompilerServices;

namespace Stemma.Numerics.Backends.Cpu.Elementwise;

/// <summary>An activation over contiguous arrays. Output may be an input.</summary>
internal static unsafe class ActivationMap<TActivation> where TActivation : struct, IActivation
{
    private const int ElementsPerItem = 1 << 13;

    /// <summary>y = f(x).</summary>
    public static void Forward(WorkerPool pool, float* x, float* y, nint length) => pool.Run(Items(length), new ForwardWork(x, y, length));

    /// <summary>dx = dy·f′(x).</summary>
    public static void Backward(WorkerPool pool, float* x, float* dy, float* dx, nint length) => pool.Run(Items(length), new BackwardWork(x, dy, dx, length));

    private static int Items(nint length) => (int)((length + ElementsPerItem - 1) / ElementsPerItem);

    private readonly struct ForwardWork(float* x, float* y, nint length) : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var end = Math.Min(length, (nint)(item + 1) * ElementsPerItem);
            for (var i = (nint)item * ElementsPerItem; i < end; i += 16)
                VectorMath.Store(TActivation.Apply(VectorMath.Load(x + i, end - i)), y + i, end - i);
        }
    }

    private readonly struct BackwardWork(float* x, float* dy, float* dx, nint length) : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var end = Math.Min(length, (nint)(item + 1) * ElementsPerItem);
            for (var i = (nint)item * ElementsPerItem; i < end; i += 16)
                VectorMath.Store(VectorMath.Load(dy + i, end - i) * TActivation.Derivative(VectorMath.Load(x + i, end - i)), dx + i, end - i);
        }
    }
}
