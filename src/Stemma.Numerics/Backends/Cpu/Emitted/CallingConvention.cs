using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Stemma.Numerics.Backends.Cpu.Emitted;

/// <summary>How a generated function gets its argument, and which registers it hands back as it found them.</summary>
internal enum CallingConvention
{
    /// <summary>Argument in rdi; rbx, rbp and r12 to r15 are the caller's. System V ABI for x86-64.</summary>
    SystemV,

    /// <summary>Argument in rcx; rdi, rsi and xmm6 to xmm15 are the caller's too.</summary>
    Windows,
}

/// <summary>The first and last instructions of a generated function, which reads its argument from rdi under either convention.</summary>
internal static class CallingConventions
{
    private const int SavedVectors = 10;
    private static readonly AssemblerRegister64[] s_systemV = [rbx, rbp, r12, r13, r14, r15];
    private static readonly AssemblerRegister64[] s_windows = [.. s_systemV, rdi, rsi];

    /// <summary>The convention of this system.</summary>
    public static CallingConvention Here => OperatingSystem.IsWindows() ? CallingConvention.Windows : CallingConvention.SystemV;

    /// <summary>Saves what belongs to the caller.</summary>
    public static void Enter(this Assembler code, CallingConvention convention)
    {
        foreach (var register in Saved(convention)) code.push(register);
        if (convention != CallingConvention.Windows) return;
        code.mov(rdi, rcx);
        code.sub(rsp, SavedVectors * 16);
        for (var i = 0; i < SavedVectors; i++) code.vmovdqu(__xmmword_ptr[rsp + 16 * i], Vector(i));
    }

    /// <summary>Restores it and returns.</summary>
    public static void Leave(this Assembler code, CallingConvention convention)
    {
        code.vzeroupper();
        if (convention == CallingConvention.Windows)
        {
            for (var i = 0; i < SavedVectors; i++) code.vmovdqu(Vector(i), __xmmword_ptr[rsp + 16 * i]);
            code.add(rsp, SavedVectors * 16);
        }
        foreach (var register in Saved(convention).AsEnumerable().Reverse()) code.pop(register);
        code.ret();
    }

    private static AssemblerRegister64[] Saved(CallingConvention convention) => convention == CallingConvention.Windows ? s_windows : s_systemV;

    private static AssemblerRegisterXMM Vector(int index) => new[] { xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15 }[index];
}
