using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Stemma.Numerics.Backends.Cpu.Emitted;

/// <summary>AVX512_BF16: two products per lane of 24 accumulators (VDPBF16PS).</summary>
internal sealed class DotProductPeakLoop(CallingConvention convention) : EmittedPeakLoop(convention)
{
    private static readonly AssemblerRegisterZMM[] s_sums =
    [
        zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11,
        zmm12, zmm13, zmm14, zmm15, zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23,
    ];

    /// <inheritdoc/>
    public override double Flops => s_sums.Length * 16 * 2 * 2;

    /// <inheritdoc/>
    protected override void Emit(Assembler code)
    {
        foreach (var register in (AssemblerRegisterZMM[])[.. s_sums, zmm28, zmm29]) code.vpxord(register, register, register);
        code.mov(rcx, __qword_ptr[rdi]);
        var loop = code.CreateLabel();
        code.Label(ref loop);
        foreach (var sum in s_sums) code.vdpbf16ps(sum, zmm28, zmm29);
        code.dec(rcx);
        code.jne(loop);
    }
}
