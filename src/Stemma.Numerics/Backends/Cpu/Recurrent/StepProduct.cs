using Stemma.Numerics.Backends.Cpu.Emitted;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Numerics.Backends.Cpu.Recurrent;

/// <summary>
/// The product of every step of a recurrence, C = state·W + bias: the weight is packed once into panels that all steps read, and whoever
/// computes a part of the next state packs it into strips of rows. Sums run in the order of <see cref="MatMulKernel"/>, so that a state
/// has the same bits either way.
/// </summary>
internal abstract unsafe class StepProduct
{
    private static readonly Lazy<StepProduct> s_float32 = new(() => For(ProcessorLevels.Current, MatMulPrecision.Float32));
    private static readonly Lazy<StepProduct> s_bfloat16 = new(() => For(ProcessorLevels.Current, MatMulPrecision.BFloat16));

    /// <summary>Columns of a panel.</summary>
    public abstract int Columns { get; }

    /// <summary>Most rows of a strip.</summary>
    public abstract int Rows { get; }

    /// <summary>That of the level in use, for factors of a precision.</summary>
    public static StepProduct Best(MatMulPrecision precision) => (precision == MatMulPrecision.BFloat16 ? s_bfloat16 : s_float32).Value;

    /// <summary>That of a level, which must be available.</summary>
    public static StepProduct For(ProcessorLevel level, MatMulPrecision precision) => (level, precision) switch
    {
        (ProcessorLevel.Portable, MatMulPrecision.Float32) => new TiledStepProduct<MatMulTiles128, NoRounding>(),
        (ProcessorLevel.Portable, _) => new TiledStepProduct<MatMulTiles128, BFloat16Rounding>(),
        (ProcessorLevel.Avx2, MatMulPrecision.Float32) => new TiledStepProduct<MatMulTiles256, NoRounding>(),
        (ProcessorLevel.Avx2, _) => new TiledStepProduct<MatMulTiles256, BFloat16Rounding>(),
        (_, MatMulPrecision.Float32) => new TiledStepProduct<MatMulTiles512, NoRounding>(),
        (ProcessorLevel.Avx512, _) => new TiledStepProduct<MatMulTiles512, BFloat16Rounding>(),
        (ProcessorLevel.Avx512BFloat16, _) => new BFloat16StepProduct(new DotProductKernels(CallingConventions.Here)),
        _ => new BFloat16StepProduct(new TileKernels(CallingConventions.Here)),
    };

    /// <summary>Floats of a packed panel.</summary>
    public abstract nint PanelLength(int depth);

    /// <summary>Floats of a packed strip.</summary>
    public abstract nint StripLength(int depth);

    /// <summary>Packs a panel; what it lacks of columns may be anything.</summary>
    /// <param name="weight">Its first element.</param>
    /// <param name="stride">Elements from one stored row of the weight to the next.</param>
    /// <param name="transposed">Whether stored rows are columns of the product.</param>
    /// <param name="columns">1 to <see cref="Columns"/>.</param>
    /// <param name="depth">Steps of k.</param>
    /// <param name="panel">Receives <see cref="PanelLength"/> floats.</param>
    public abstract void PackPanel(float* weight, nint stride, bool transposed, int columns, int depth, float* panel);

    /// <summary>Packs some steps of k of a strip, which was zero at first; others may pack its other steps at the same time.</summary>
    /// <param name="values">The first row at the first of these steps.</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="rows">1 to <see cref="Rows"/>.</param>
    /// <param name="k">The first step.</param>
    /// <param name="steps">Steps, up to <see cref="Columns"/>.</param>
    /// <param name="depth">Steps of the whole strip.</param>
    /// <param name="strip">Its first element.</param>
    public abstract void PackSteps(float* values, nint stride, int rows, int k, int steps, int depth, float* strip);

    /// <summary>Into how many blocks of k a product is cut.</summary>
    public abstract int BlockCount(int depth);

    /// <summary>One block of k of C [rows, <see cref="Columns"/>] = strip · panel + bias; blocks are to be multiplied in order.</summary>
    public abstract void Multiply(int block, int rows, int depth, float* strip, float* panel, float* bias, float* c, nint stride);

    /// <summary>How many strips rows are cut into.</summary>
    public int StripCount(int rows) => (rows + Rows - 1) / Rows;

    /// <summary>The rows of one strip of so many; strips are as equal as can be, since a narrow one keeps fewer sums going.</summary>
    public static (int First, int Count) Strip(int rows, int strips, int index)
    {
        var each = (rows + strips - 1) / strips;
        return (index * each, Math.Min(each, rows - index * each));
    }
}
