using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Stemma.Numerics.Backends.Cpu.Emitted;

/// <summary>AMX: strips of up to 32 rows, four tiles of C at a time, each step 32 products per element (TDPBF16PS).</summary>
/// <remarks>
/// A call sets the tile shapes when it starts and clears them when it ends, so that the thread carries no tile state between calls. A sum
/// starts from what C holds, or from the bias.
/// </remarks>
internal sealed unsafe class TileKernels(CallingConvention convention, StripCall? call = null) : StripKernels(4, convention, call)
{
    private const int TileRows = 16, TileColumns = 16, TileBytes = 64;

    /// <inheritdoc/>
    public override string Name => "bfloat16 32x32 (AMX)";

    /// <inheritdoc/>
    public override int Rows => 2 * TileRows;

    /// <inheritdoc/>
    public override int DepthStep => 2 * TileRows;

    /// <inheritdoc/>
    public override bool BiasStartsSum => true;

    /// <inheritdoc/>
    protected override void Compute(int rows, int tail, StripArguments arguments)
    {
        if (arguments.Add != 0 && arguments.Bias != null) AddBias(rows, tail, ref arguments);
        var tailColumns = arguments.TailMask == 0 ? 0 : tail;
        var panels = arguments.Panels;
        if (panels > 0) Run(rows, StripArguments.PanelColumns, arguments);
        if (tailColumns == 0) return;
        arguments.B = (ushort*)((byte*)arguments.B + panels * arguments.PanelStride);
        arguments.C += panels * StripArguments.PanelColumns;
        if (arguments.Bias != null) arguments.Bias += panels * StripArguments.PanelColumns;
        arguments.Panels = 1;
        Run(rows, tailColumns, arguments);
    }

    /// <inheritdoc/>
    protected override void Emit(Assembler code, int variant)
    {
        var (lower, right) = ((variant & 2) != 0, (variant & 1) != 0);    // whether C has rows, and columns, beyond 16
        var (panel, zero, fromC, loop, next) = (code.CreateLabel(), code.CreateLabel(), code.CreateLabel(), code.CreateLabel(), code.CreateLabel());
        code.mov(rax, Field(nameof(StripArguments.Tiles)));
        code.ldtilecfg(__[rax]);
        code.mov(rax, Field(nameof(StripArguments.StrideA)));
        code.mov(rdx, Field(nameof(StripArguments.B)));
        code.mov(r12, Field(nameof(StripArguments.C)));
        code.mov(r13, Field(nameof(StripArguments.StrideC)));
        code.mov(r15, Field(nameof(StripArguments.Bias)));
        code.mov(r14, Field(nameof(StripArguments.Panels)));
        code.mov(r11d, StripArguments.PanelRowBytes);
        code.Label(ref panel);
        code.mov(r8, Field(nameof(StripArguments.A)));
        code.mov(r9, rax);
        code.shl(r9, 4);
        code.add(r9, r8);    // row 16 of A
        code.mov(rbp, r13);
        code.shl(rbp, 4);
        code.add(rbp, r12);    // row 16 of C
        code.mov(rbx, rdx);
        code.mov(rcx, Field(nameof(StripArguments.Steps)));
        code.mov(rsi, Field(nameof(StripArguments.Add)));
        code.test(rsi, rsi);
        code.jne(fromC);
        code.test(r15, r15);
        code.je(zero);
        code.xor(esi, esi);    // a stride of zero: every row of the tile is the bias
        Tiles((tile, row, column) => code.tileloadd(tile, __[r15 + rsi + TileBytes * column]));
        code.add(r15, StripArguments.PanelRowBytes);
        code.jmp(loop);
        code.Label(ref fromC);
        Tiles((tile, row, column) => code.tileloadd(tile, __[(row == 0 ? r12 : rbp) + r13 + TileBytes * column]));
        code.jmp(loop);
        code.Label(ref zero);
        Tiles((tile, row, column) => code.tilezero(tile));
        code.Label(ref loop);
        code.tileloadd(tmm4, __[r8 + rax]);
        code.tileloadd(tmm6, __[rbx + r11]);
        code.tdpbf16ps(tmm0, tmm4, tmm6);
        if (right)
        {
            code.tileloadd(tmm7, __[rbx + r11 + TileBytes]);
            code.tdpbf16ps(tmm1, tmm4, tmm7);
        }
        if (lower)
        {
            code.tileloadd(tmm5, __[r9 + rax]);
            code.tdpbf16ps(tmm2, tmm5, tmm6);
            if (right) code.tdpbf16ps(tmm3, tmm5, tmm7);
            code.add(r9, TileBytes);
        }
        code.add(r8, TileBytes);
        code.add(rbx, TileRows * StripArguments.PanelRowBytes);
        code.dec(rcx);
        code.jne(loop);
        Tiles((tile, row, column) => code.tilestored(__[(row == 0 ? r12 : rbp) + r13 + TileBytes * column], tile));
        code.add(rdx, Field(nameof(StripArguments.PanelStride)));
        code.add(r12, StripArguments.PanelRowBytes);
        code.dec(r14);
        code.jne(panel);
        code.tilerelease();

        void Tiles(Action<AssemblerRegisterTMM, int, int> each)
        {
            each(tmm0, 0, 0);
            if (right) each(tmm1, 0, 1);
            if (lower) each(tmm2, 1, 0);
            if (lower && right) each(tmm3, 1, 1);
        }
    }

    private void Run(int rows, int columns, StripArguments arguments)
    {
        var (lower, right) = (rows > TileRows, columns > TileColumns);
        var shapes = new TileConfiguration { Palette = 1 };
        Shape(ref shapes, 0, Math.Min(rows, TileRows), Math.Min(columns, TileColumns) * sizeof(float));
        Shape(ref shapes, 1, Math.Min(rows, TileRows), (columns - TileColumns) * sizeof(float));
        Shape(ref shapes, 2, rows - TileRows, Math.Min(columns, TileColumns) * sizeof(float));
        Shape(ref shapes, 3, rows - TileRows, (columns - TileColumns) * sizeof(float));
        Shape(ref shapes, 4, Math.Min(rows, TileRows), TileBytes);
        Shape(ref shapes, 5, rows - TileRows, TileBytes);
        Shape(ref shapes, 6, TileRows, Math.Min(columns, TileColumns) * sizeof(float));
        Shape(ref shapes, 7, TileRows, (columns - TileColumns) * sizeof(float));
        arguments.Tiles = &shapes;
        Call((lower ? 2 : 0) + (right ? 1 : 0), &arguments);
    }

    /// <summary>Gives a tile its shape; one that is not used is left without.</summary>
    private static void Shape(ref TileConfiguration shapes, int tile, int rows, int bytes)
    {
        if (rows <= 0 || bytes <= 0) return;
        shapes.Rows[tile] = (byte)rows;
        shapes.RowBytes[tile] = (ushort)bytes;
    }

    private static void AddBias(int rows, int tail, ref StripArguments arguments)
    {
        var columns = (int)arguments.Panels * StripArguments.PanelColumns + tail;
        for (var row = 0; row < rows; row++)
        {
            var c = (float*)((byte*)arguments.C + row * arguments.StrideC);
            for (var column = 0; column < columns; column++) c[column] += arguments.Bias[column];
        }
        arguments.Bias = null;
    }

    private static AssemblerMemoryOperand Field(string name) => __qword_ptr[rdi + (int)Marshal.OffsetOf<StripArguments>(name)];
}
