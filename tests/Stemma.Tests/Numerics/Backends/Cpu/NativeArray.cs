using System.Runtime.InteropServices;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu;

/// <summary>Native floats for kernels, filled from a seed, with guard values behind the end that <see cref="Dispose"/> checks.</summary>
internal sealed unsafe class NativeArray : IDisposable
{
    private const int GuardLength = 64;
    private const float Guard = 12345.678f;

    public NativeArray(long length, int? seed = null, float scale = 1f)
    {
        Length = length;
        Pointer = (float*)NativeMemory.Alloc((nuint)(length + GuardLength) * sizeof(float));
        var random = seed is int s ? new Random(s) : null;
        for (long i = 0; i < length; i++)
            Pointer[i] = random == null ? float.NaN : (float)(random.NextDouble() * 2 - 1) * scale;
        for (var i = 0; i < GuardLength; i++)
            Pointer[length + i] = Guard;
    }

    public float* Pointer { get; private set; }

    public long Length { get; }

    public Span<float> Span => new(Pointer, (int)Length);

    public float[] ToArray() => Span.ToArray();

    public void Dispose()
    {
        if (Pointer == null)
            return;
        for (var i = 0; i < GuardLength; i++)
            Assert.Equal(Guard, Pointer[Length + i]);
        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}
