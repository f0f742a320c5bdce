using Iced.Intel;

namespace Stemma.Numerics.Backends.Cpu.Emitted;

/// <summary>Runs generated code on its argument.</summary>
internal unsafe delegate void StripCall(byte* code, StripArguments* arguments);

/// <summary>Generated bfloat16 matrix kernels of one processor level: a strip of rows of A against panels of B, summed in float32.</summary>
/// <remarks>
/// A is [row][k], B is [panel][k/2][32 columns][2]: with both, neighbouring k lie in one 32-bit lane, which is what a dot product of pairs
/// and a tile product read. Depths are padded with zeros to whole steps.
/// </remarks>
internal abstract unsafe class StripKernels
{
    private readonly StripCall _call;
    private readonly byte*[] _code;

    /// <summary>Generates the code.</summary>
    /// <param name="variants">How many functions there are.</param>
    /// <param name="convention">How they are called.</param>
    /// <param name="call">Calls them; null calls them as they are.</param>
    protected StripKernels(int variants, CallingConvention convention, StripCall? call)
    {
        _call = call ?? Native;
        _code = new byte*[variants];
        var assemblers = new Assembler[variants];
        for (var i = 0; i < variants; i++)
        {
            assemblers[i] = new Assembler(64);
            assemblers[i].Enter(convention);
            Emit(assemblers[i], i);
            assemblers[i].Leave(convention);
        }
        const int Capacity = 1 << 17, Alignment = 64;
        var offsets = new int[variants];
        var start = EmittedCode.Install(address =>
        {
            var bytes = new MemoryStream();
            for (var i = 0; i < variants; i++)
            {
                while (bytes.Length % Alignment != 0) bytes.WriteByte(0xCC);
                offsets[i] = (int)bytes.Length;
                assemblers[i].Assemble(new StreamCodeWriter(bytes), address + (ulong)offsets[i]);
            }
            return bytes.ToArray();
        }, Capacity);
        for (var i = 0; i < variants; i++) _code[i] = start + offsets[i];
    }

    /// <summary>What the kernels are called in a benchmark's table.</summary>
    public abstract string Name { get; }

    /// <summary>Most rows of a strip.</summary>
    public abstract int Rows { get; }

    /// <summary>Values of k in a step.</summary>
    public abstract int DepthStep { get; }

    /// <summary>Whether the bias begins the sums, and so goes with the first block of k and not the last.</summary>
    public abstract bool BiasStartsSum { get; }

    /// <summary>C strip = (C strip if <paramref name="add"/>) + a·b + bias, for 1 ≤ <paramref name="rows"/> ≤ <see cref="Rows"/>.</summary>
    /// <param name="rows">Rows of the strip.</param>
    /// <param name="columns">Columns, 1 or more, over ⌈columns ÷ 32⌉ panels.</param>
    /// <param name="steps">Steps of k, 1 or more.</param>
    /// <param name="a">Row 0, [row][k].</param>
    /// <param name="strideA">Values from one row to the next.</param>
    /// <param name="b">The first panel, [k/2][32][2].</param>
    /// <param name="panelStride">Values from one panel to the next.</param>
    /// <param name="c">Row 0.</param>
    /// <param name="strideC">Elements from one row to the next.</param>
    /// <param name="bias">One value per column, or null.</param>
    /// <param name="add">Whether C is added to.</param>
    /// <param name="panel">What the next panels will be packed from, to be asked for meanwhile; kernels may do without.</param>
    /// <param name="finish">The same of what the sums will be finished with.</param>
    public void Compute(int rows, int columns, int steps, ushort* a, nint strideA, ushort* b, nint panelStride, float* c, nint strideC, float* bias, bool add, in StripAhead panel = default, in StripAhead finish = default)
    {
        var arguments = new StripArguments
        {
            A = a,
            StrideA = strideA * sizeof(ushort),
            B = b,
            PanelStride = panelStride * sizeof(ushort),
            C = c,
            StrideC = strideC * sizeof(float),
            Steps = steps,
            Panels = columns / StripArguments.PanelColumns,
            TailMask = (nint)((1L << (columns % StripArguments.PanelColumns)) - 1),
            Bias = bias,
            Add = add ? 1 : 0,
            Panel = panel,
            Finish = finish,
        };
        Compute(rows, columns % StripArguments.PanelColumns, arguments);
    }

    /// <summary>Writes one of the functions, between its first and last instructions; the argument is in rdi.</summary>
    protected abstract void Emit(Assembler code, int variant);

    /// <summary>Computes a strip whose last panel has <paramref name="tail"/> columns in C, or 32 where that is 0.</summary>
    protected abstract void Compute(int rows, int tail, StripArguments arguments);

    /// <summary>Runs one of the functions.</summary>
    protected void Call(int variant, StripArguments* arguments) => _call(_code[variant], arguments);

    // An ordinary unmanaged call: the thread does not hold up the garbage collector while it computes.
    private static void Native(byte* code, StripArguments* arguments) => ((delegate* unmanaged<StripArguments*, void>)code)(arguments);
}
