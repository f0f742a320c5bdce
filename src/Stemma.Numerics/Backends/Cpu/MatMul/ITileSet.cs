namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>The register tiles of one vector width, and the packing that feeds them.</summary>
/// <remarks>
/// A panel of op(A) holds up to <see cref="Rows"/> rows as [k][row], a panel of op(B) up to <see cref="Columns"/> columns as [k][column]:
/// the tile walks both forwards, one step per k.
/// </remarks>
internal unsafe interface ITileSet
{
    /// <summary>What the tiles are called in a benchmark's table.</summary>
    public static abstract string Name { get; }

    /// <summary>Rows of the largest tile.</summary>
    public static abstract int Rows { get; }

    /// <summary>Columns of the largest tile.</summary>
    public static abstract int Columns { get; }

    /// <summary>
    /// Strips of op(A) that are packed together and then stream past each panel of op(B), which stays in the first-level cache; 1 where it
    /// is a strip that stays, and panels that stream.
    /// </summary>
    public static abstract int StripsAtOnce { get; }

    /// <summary>Whether <see cref="Compute"/> takes rows of a from wherever they lie, so that rows along k need no packing.</summary>
    public static abstract bool ReadsInPlace { get; }

    /// <summary>
    /// C tile = (C tile if <paramref name="add"/>) + a·b + bias, over <paramref name="depth"/> ≥ 1 steps,
    /// for 1 ≤ <paramref name="rows"/> ≤ <see cref="Rows"/> and 1 ≤ <paramref name="columns"/> ≤ <see cref="Columns"/>.
    /// A whole vector of b is read wherever part of it is needed.
    /// </summary>
    /// <remarks>a[row, k] stands at a + row·aRow + k·aStep; aRow is 1 unless <see cref="ReadsInPlace"/>.</remarks>
    public static abstract void Compute(int rows, int columns, nint depth, float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cStep, float* bias, bool add);

    /// <summary>Whether there is <see cref="AddRow"/>.</summary>
    public static abstract bool AddsRows { get; }

    /// <summary>sums[j] += Σₖ a[k]·b[k, j] for one row of a and so many columns: the same sums as <see cref="Compute"/>, b read along its rows.</summary>
    public static abstract void AddRow(nint columns, nint depth, float* a, nint aStep, float* b, nint bStep, float* sums);

    /// <summary>Most rows for which <see cref="ComputeUnpacked"/> beats packing; 0 where there is none.</summary>
    public static abstract int UnpackedRows { get; }

    /// <summary>Columns that <see cref="ComputeUnpacked"/> computes at a time.</summary>
    public static abstract int UnpackedColumns { get; }

    /// <summary>The same sums as <see cref="Compute"/> for a few rows of A, as stored, and the next <see cref="UnpackedColumns"/> stored rows of a transposed B.</summary>
    /// <remarks>A is rounded already.</remarks>
    public static abstract void ComputeUnpacked<TRounding>(int rows, nint depth, float* a, nint aStride, float* b, nint bStride, float* c, nint cStride, float* bias, bool add)
        where TRounding : struct, IRounding;

    /// <summary>
    /// Packs <paramref name="width"/>-wide panels from a source whose rows run along k: target[panel][k][line] = source[line, k].
    /// </summary>
    /// <param name="source">Line 0.</param>
    /// <param name="stride">Elements from one line to the next.</param>
    /// <param name="lines">Lines to pack, into ⌈lines ÷ width⌉ panels; what a last panel lacks is anything: it never reaches C.</param>
    /// <param name="depth">Elements of each line.</param>
    /// <param name="target">The first panel; up to a vector beyond its end is written.</param>
    /// <param name="panelStride">Elements from one panel to the next.</param>
    /// <param name="width"><see cref="Rows"/> or <see cref="Columns"/>.</param>
    public static abstract void PackLines<TRounding>(float* source, nint stride, int lines, nint depth, float* target, nint panelStride, int width) where TRounding : struct, IRounding;

    /// <summary>Packs <paramref name="width"/>-wide panels from a source whose rows run across them: target[panel][k][line] = source[k, line].</summary>
    public static abstract void PackSteps<TRounding>(float* source, nint stride, int lines, nint depth, float* target, nint panelStride, int width) where TRounding : struct, IRounding;
}
