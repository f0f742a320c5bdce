using Iced.Intel;

namespace Stemma.Numerics.Backends.Cpu.Emitted;

/// <summary>A generated loop that is handed the address of its iteration count, in rdi.</summary>
internal abstract unsafe class EmittedPeakLoop : PeakLoop
{
    private readonly byte* _code;

    /// <summary>Generates the code.</summary>
    protected EmittedPeakLoop(CallingConvention convention)
    {
        var code = new Assembler(64);
        code.Enter(convention);
        Emit(code);
        code.Leave(convention);
        const int Capacity = 4096;
        _code = EmittedCode.Install(address =>
        {
            var bytes = new MemoryStream();
            code.Assemble(new StreamCodeWriter(bytes), address);
            return bytes.ToArray();
        }, Capacity);
    }

    /// <summary>The first instruction.</summary>
    public byte* Code => _code;

    /// <inheritdoc/>
    public override void Run(int iterations)
    {
        var argument = new PeakLoopArgument { Iterations = iterations, Tiles = PeakLoopArgument.FullTiles };
        ((delegate* unmanaged<PeakLoopArgument*, void>)_code)(&argument);
    }

    /// <summary>Writes the loop, between the first and last instructions of the function.</summary>
    protected abstract void Emit(Assembler code);
}
