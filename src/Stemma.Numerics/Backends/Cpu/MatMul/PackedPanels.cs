using System.Runtime.InteropServices;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>op(B), packed once for many products: [block of k][panel], as the kernel that packed it reads it.</summary>
internal sealed unsafe class PackedPanels
{
    private readonly long _bytes;

    /// <summary>Memory of a number of bytes, contents undefined.</summary>
    public PackedPanels(long bytes)
    {
        _bytes = bytes;
        Pointer = NativeMemory.AlignedAlloc((nuint)bytes, 4096);
        GC.AddMemoryPressure(bytes);
    }

    ~PackedPanels()
    {
        NativeMemory.AlignedFree(Pointer);
        GC.RemoveMemoryPressure(_bytes);
    }

    /// <summary>The first panel; lives as long as this object.</summary>
    public void* Pointer { get; }
}
