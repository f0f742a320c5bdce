using System.Runtime.InteropServices;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu;

/// <summary>Native numbers for kernels, float32 or bfloat16, filled from a seed, with guard values behind the end that <see cref="Dispose"/> checks.</summary>
internal sealed unsafe class NativeArray : IDisposable
{
    private const int GuardLength = 64;
    private const float Guard = 12352f;    // exact in bfloat16 too

    public NativeArray(long length, int? seed = null, float scale = 1f, bool bfloat16 = false)
    {
        (Length, Type) = (length, bfloat16 ? DType.BFloat16 : DType.Float32);
        Start = NativeMemory.Alloc((nuint)((length + GuardLength) * Type.Size()));
        var random = seed is int s ? new Random(s) : null;
        for (long i = 0; i < length; i++)
            this[i] = random == null ? float.NaN : (float)(random.NextDouble() * 2 - 1) * scale;
        for (var i = 0; i < GuardLength; i++)
            this[length + i] = Guard;
    }

    public DType Type { get; }

    public void* Start { get; private set; }

    public float* Pointer => Type == DType.Float32 ? (float*)Start : throw new InvalidOperationException($"This array holds {Type}.");

    public long Length { get; }

    public Span<float> Span => new(Pointer, (int)Length);

    public Span<byte> Bytes => new(Start, (int)Length * Type.Size());

    public float this[long index]
    {
        get => Type == DType.BFloat16 ? ((BFloat16*)Start)[index] : ((float*)Start)[index];
        private set
        {
            if (Type == DType.BFloat16) ((BFloat16*)Start)[index] = (BFloat16)value;
            else ((float*)Start)[index] = value;
        }
    }

    public float[] ToArray()
    {
        var values = new float[Length];
        for (var i = 0; i < values.Length; i++) values[i] = this[i];
        return values;
    }

    public void Dispose()
    {
        if (Start == null)
            return;
        for (var i = 0; i < GuardLength; i++)
            Assert.Equal(Guard, this[Length + i]);
        NativeMemory.Free(Start);
        Start = null;
    }
}
