using System.Runtime.InteropServices;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>Native working memory that a thread keeps between kernels, so that a kernel allocates nothing after its first call.</summary>
/// <remarks>A slot grows and never shrinks. Each slot has one user at a time: kernels that may run inside each other use different slots.</remarks>
internal sealed unsafe class Scratch
{
    private const int Alignment = 4096;
    [ThreadStatic] private static Scratch? _current;
    private readonly nint[] _memory = new nint[Enum.GetValues<ScratchSlot>().Length];
    private readonly nint[] _length = new nint[Enum.GetValues<ScratchSlot>().Length];

    private Scratch()
    {
    }

    ~Scratch()
    {
        foreach (var memory in _memory)
            NativeMemory.AlignedFree((void*)memory);
    }

    /// <summary>At least <paramref name="length"/> floats of this thread's memory, page-aligned, contents undefined; valid until the slot is next taken.</summary>
    public static float* Take(ScratchSlot slot, nint length)
    {
        var scratch = _current ??= new Scratch();
        if (scratch._length[(int)slot] < length)
        {
            NativeMemory.AlignedFree((void*)scratch._memory[(int)slot]);
            scratch._length[(int)slot] = 0;
            scratch._memory[(int)slot] = 0;
            scratch._memory[(int)slot] = (nint)NativeMemory.AlignedAlloc((nuint)length * sizeof(float), Alignment);
            scratch._length[(int)slot] = length;
        }
        return (float*)scratch._memory[(int)slot];
    }
}

/// <summary>What a thread's <see cref="Scratch"/> memory is used for.</summary>
internal enum ScratchSlot
{
    /// <summary>The operand of a matrix product that all threads read.</summary>
    SharedPanels,

    /// <summary>The operand of a matrix product that each thread packs for itself.</summary>
    OwnPanels,

    /// <summary>float32 sums of a matrix product whose result is stored in bfloat16.</summary>
    RoundedSums,

    /// <summary>Score and probability tiles of attention.</summary>
    Attention,

    /// <summary>Products of a recurrence's step.</summary>
    Recurrence,

    /// <summary>Partial sums of a reduction over rows.</summary>
    Partials,

    /// <summary>Where the arrays are that one pass goes over.</summary>
    Pieces,
}
