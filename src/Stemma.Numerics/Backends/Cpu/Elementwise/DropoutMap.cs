using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Elementwise;

/// <summary>Dropout of a contiguous array. Srivastava et al. 2014. Element i is kept where the <see cref="Philox"/> word at start + i is at least p·2³².</summary>
internal static unsafe class DropoutMap
{
    private const int ElementsPerItem = 1 << 12;

    /// <summary>y = x ÷ (1 − p) where kept, 0 where dropped; the gradient is the same map of dy. y may be x.</summary>
    public static void Run(WorkerPool pool, float* x, float* y, nint length, float probability, ulong seed, ulong stream, ulong startPosition) =>
        pool.Run((int)((length + ElementsPerItem - 1) / ElementsPerItem), new Work(x, y, length, probability, seed, stream, startPosition));

    private readonly struct Work(float* x, float* y, nint length, float probability, ulong seed, ulong stream, ulong startPosition) : IParallelWork
    {
        private const int BufferLength = 512;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var bits = stackalloc uint[BufferLength];
            var threshold = Vector512.Create((uint)Math.Min(probability * 4294967296.0, uint.MaxValue));
            var scale = Vector512.Create(1f / (1f - probability));
            var end = Math.Min(length, (nint)(item + 1) * ElementsPerItem);
            for (var start = (nint)item * ElementsPerItem; start < end; start += BufferLength)
            {
                var count = (int)Math.Min(BufferLength, end - start);
                Philox.FillUniformBits(seed, stream, startPosition + (ulong)start, new Span<uint>(bits, count));
                for (var i = 0; i < count; i += 16)
                {
                    var kept = Vector512.GreaterThanOrEqual(Vector512.Load(bits + i), threshold).AsSingle();
                    VectorMath.Store(kept & (VectorMath.Load(x + start + i, count - i) * scale), y + start + i, count - i);
                }
            }
        }
    }
}
