using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Stemma.Numerics.Backends.Cpu.Emitted;

/// <summary>AVX512_BF16: strips of up to 14 rows, 28 accumulators of the 32 registers, each step two products per lane (VDPBF16PS).</summary>
/// <remarks>The last function is that of full strips which ask for memory ahead of its use.</remarks>
internal sealed unsafe class DotProductKernels(CallingConvention convention, StripCall? call = null) : StripKernels(MaxRows + 1, convention, call)
{
    private const int MaxRows = 14;
    private const int Unroll = 4;    // pairs of k in a step

    private static readonly AssemblerRegisterZMM[] s_sums =
    [
        zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13,
        zmm14, zmm15, zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23, zmm24, zmm25, zmm26, zmm27,
    ];

    /// <inheritdoc/>
    public override string Name => "bfloat16 14x32 (AVX-512 BF16)";

    /// <inheritdoc/>
    public override int Rows => MaxRows;

    /// <inheritdoc/>
    public override int DepthStep => 2 * Unroll;

    /// <inheritdoc/>
    public override bool BiasStartsSum => false;

    /// <inheritdoc/>
    protected override void Compute(int rows, int tail, StripArguments arguments)
    {
        var ahead = rows == MaxRows && (arguments.Panel.First != null || arguments.Finish.First != null);
        // Asking for what is at hand costs next to nothing.
        if (ahead && arguments.Panel.First == null) arguments.Panel.First = (byte*)arguments.A;
        if (ahead && arguments.Finish.First == null) arguments.Finish.First = (byte*)arguments.A;
        Call(ahead ? MaxRows : rows - 1, &arguments);
    }

    /// <inheritdoc/>
    protected override void Emit(Assembler code, int variant)
    {
        var (rows, ahead) = (Math.Min(variant + 1, MaxRows), variant == MaxRows);
        var (panel, tail, end) = (code.CreateLabel(), code.CreateLabel(), code.CreateLabel());
        code.mov(rax, Field(nameof(StripArguments.StrideA)));
        code.mov(rdx, Field(nameof(StripArguments.B)));
        code.mov(r12, Field(nameof(StripArguments.C)));
        code.mov(r13, Field(nameof(StripArguments.StrideC)));
        code.mov(r15, Field(nameof(StripArguments.Bias)));
        code.mov(r14, Field(nameof(StripArguments.Panels)));
        code.test(r14, r14);
        code.je(tail);
        code.Label(ref panel);
        Panel(code, rows, masked: false, ahead);
        code.add(rdx, Field(nameof(StripArguments.PanelStride)));
        code.add(r12, StripArguments.PanelRowBytes);
        code.dec(r14);
        code.jne(panel);
        code.Label(ref tail);
        code.mov(rcx, Field(nameof(StripArguments.TailMask)));
        code.test(rcx, rcx);
        code.je(end);
        code.kmovw(k1, ecx);
        code.shr(rcx, 16);
        code.kmovw(k2, ecx);
        Panel(code, rows, masked: true, ahead);
        code.Label(ref end);
        code.nop();    // a label needs an instruction of its own
    }

    /// <summary>One panel: rax the stride of A, rdx the panel, r12 and r13 C and its stride, r15 the bias, which moves on.</summary>
    private static void Panel(Assembler code, int rows, bool masked, bool ahead)
    {
        Accumulate(code, rows, ahead);
        Add(code, rows, masked);
        Bias(code, rows, masked);
        Walk(code, rows, (row, column) =>
        {
            var target = __zmmword_ptr[rbp + 64 * column];
            code.vmovups(!masked ? target : column == 0 ? target.k1 : target.k2, s_sums[2 * row + column]);
        });
    }

    private static void Accumulate(Assembler code, int rows, bool ahead)
    {
        AssemblerRegister64[] bases = [r8, r9, r10, r11, rsi];    // rows 0, 3, 6, 9 and 12 of A: an address can scale the stride by 0, 1 or 2
        var used = (rows + 2) / 3;
        code.mov(r8, Field(nameof(StripArguments.A)));
        if (used > 1) code.lea(rbp, __[rax + rax * 2]);
        for (var i = 1; i < used; i++) code.lea(bases[i], __[bases[i - 1] + rbp]);
        code.mov(rbx, rdx);
        code.mov(rcx, Field(nameof(StripArguments.Steps)));
        code.mov(rbp, r12);
        for (var row = 0; row < rows; row++)
        {
            // C is needed in a few microseconds; its lines are asked for now.
            code.prefetchw(__byte_ptr[rbp]);
            code.prefetchw(__byte_ptr[rbp + 64]);
            if (row < rows - 1) code.add(rbp, r13);
        }
        for (var i = 0; i < 2 * rows; i++) code.vpxord(s_sums[i], s_sums[i], s_sums[i]);
        if (ahead)
        {
            // These two go on where they were after the loop.
            code.mov(Field(nameof(StripArguments.Panels)), r14);
            code.mov(Field(nameof(StripArguments.Bias)), r15);
            code.mov(rbp, Ahead(nameof(StripArguments.Panel), nameof(StripAhead.First)));
            code.mov(r13, Ahead(nameof(StripArguments.Panel), nameof(StripAhead.Second)));
            code.mov(r14, Ahead(nameof(StripArguments.Finish), nameof(StripAhead.First)));
            code.mov(r15, Ahead(nameof(StripArguments.Finish), nameof(StripAhead.Second)));
        }
        var loop = code.CreateLabel();
        code.Label(ref loop);
        if (ahead)
        {
            code.prefetcht1(__byte_ptr[rbp]);
            code.prefetcht1(__byte_ptr[rbp + r13]);
            code.add(rbp, Ahead(nameof(StripArguments.Panel), nameof(StripAhead.Step)));
            code.prefetcht1(__byte_ptr[r14]);
            code.prefetcht1(__byte_ptr[r14 + r15]);
            code.add(r14, Ahead(nameof(StripArguments.Finish), nameof(StripAhead.Step)));
        }
        for (var pair = 0; pair < Unroll; pair++)
        {
            code.vmovups(zmm28, __zmmword_ptr[rbx + StripArguments.PanelRowBytes * pair]);
            code.vmovups(zmm29, __zmmword_ptr[rbx + StripArguments.PanelRowBytes * pair + 64]);
            for (var row = 0; row < rows; row++)
            {
                var at = (row % 3) switch { 0 => __[bases[row / 3] + 4 * pair], 1 => __[bases[row / 3] + rax + 4 * pair], _ => __[bases[row / 3] + rax * 2 + 4 * pair] };
                var a = row % 2 == 0 ? zmm30 : zmm31;
                code.vpbroadcastd(a, at);
                code.vdpbf16ps(s_sums[2 * row], a, zmm28);
                code.vdpbf16ps(s_sums[2 * row + 1], a, zmm29);
            }
        }
        code.add(rbx, StripArguments.PanelRowBytes * Unroll);
        for (var i = 0; i < used; i++) code.add(bases[i], 4 * Unroll);
        code.dec(rcx);
        code.jne(loop);
        if (!ahead) return;
        code.add(rbp, Ahead(nameof(StripArguments.Panel), nameof(StripAhead.NextPanel)));
        code.mov(Ahead(nameof(StripArguments.Panel), nameof(StripAhead.First)), rbp);
        code.add(r14, Ahead(nameof(StripArguments.Finish), nameof(StripAhead.NextPanel)));
        code.mov(Ahead(nameof(StripArguments.Finish), nameof(StripAhead.First)), r14);
        code.mov(r13, Field(nameof(StripArguments.StrideC)));
        code.mov(r14, Field(nameof(StripArguments.Panels)));
        code.mov(r15, Field(nameof(StripArguments.Bias)));
    }

    private static void Add(Assembler code, int rows, bool masked)
    {
        var skip = code.CreateLabel();
        code.mov(rcx, Field(nameof(StripArguments.Add)));
        code.test(rcx, rcx);
        code.je(skip);
        Walk(code, rows, (row, column) =>
        {
            var sum = s_sums[2 * row + column];
            code.vaddps(!masked ? sum : column == 0 ? sum.k1 : sum.k2, sum, __zmmword_ptr[rbp + 64 * column]);
        });
        code.Label(ref skip);
        code.nop();
    }

    private static void Bias(Assembler code, int rows, bool masked)
    {
        var skip = code.CreateLabel();
        code.test(r15, r15);
        code.je(skip);
        code.vmovups(masked ? zmm28.k1.z : zmm28, __zmmword_ptr[r15]);
        code.vmovups(masked ? zmm29.k2.z : zmm29, __zmmword_ptr[r15 + 64]);
        for (var i = 0; i < 2 * rows; i++) code.vaddps(s_sums[i], s_sums[i], i % 2 == 0 ? zmm28 : zmm29);
        code.add(r15, StripArguments.PanelRowBytes);
        code.Label(ref skip);
        code.nop();
    }

    /// <summary>Both halves of every row of C; rbp is the row.</summary>
    private static void Walk(Assembler code, int rows, Action<int, int> each)
    {
        code.mov(rbp, r12);
        for (var row = 0; row < rows; row++)
        {
            each(row, 0);
            each(row, 1);
            if (row < rows - 1) code.add(rbp, r13);
        }
    }

    private static AssemblerMemoryOperand Ahead(string of, string name) => __qword_ptr[rdi + (int)Marshal.OffsetOf<StripArguments>(of) + (int)Marshal.OffsetOf<StripAhead>(name)];

    private static AssemblerMemoryOperand Field(string name) => __qword_ptr[rdi + (int)Marshal.OffsetOf<StripArguments>(name)];
}
