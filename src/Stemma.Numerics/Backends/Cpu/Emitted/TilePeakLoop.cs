using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Stemma.Numerics.Backends.Cpu.Emitted;

/// <summary>AMX: 32 products per element of six tiles (TDPBF16PS).</summary>
internal sealed class TilePeakLoop(CallingConvention convention) : EmittedPeakLoop(convention)
{
    private static readonly AssemblerRegisterTMM[] s_sums = [tmm0, tmm1, tmm2, tmm3, tmm4, tmm5];

    /// <inheritdoc/>
    public override double Flops => s_sums.Length * 16 * 16 * 32 * 2;

    /// <inheritdoc/>
    protected override void Emit(Assembler code)
    {
        code.ldtilecfg(__[rdi + PeakLoopArgument.TilesOffset]);
        foreach (var tile in (AssemblerRegisterTMM[])[.. s_sums, tmm6, tmm7]) code.tilezero(tile);
        code.mov(rcx, __qword_ptr[rdi]);
        var loop = code.CreateLabel();
        code.Label(ref loop);
        foreach (var sum in s_sums) code.tdpbf16ps(sum, tmm6, tmm7);
        code.dec(rcx);
        code.jne(loop);
        code.tilerelease();
    }
}
