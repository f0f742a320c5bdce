namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>The register tiles of one vector width for the products of attention.</summary>
/// <remarks>
/// The left operand of a product is read a number at a time, wherever it lies: keys, values and probabilities need no packing, in either
/// direction. An element of the result is one chain of fused products over k whatever the tile, so that its bits do not depend on it.
/// </remarks>
internal unsafe interface IAttentionTiles
{
    /// <summary>Rows of the largest tile, at most 8.</summary>
    public static abstract int Rows { get; }

    /// <summary>Floats of a vector; a tile is one or two vectors wide.</summary>
    public static abstract int Lanes { get; }

    /// <summary>
    /// C tile of one vector = (C tile if <paramref name="add"/>) + a·b over <paramref name="depth"/> ≥ 1 steps, for 1 ≤ <paramref name="rows"/> ≤ <see cref="Rows"/>.
    /// a[row, k] stands at a + row·aRow + k·aStep, row k of b at b + k·bStep.
    /// </summary>
    public static abstract void One(int rows, nint depth, float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cStep, bool add);

    /// <summary>The same, two vectors wide.</summary>
    public static abstract void Two(int rows, nint depth, float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cStep, bool add);

    /// <summary>target[panel][k][line] = source[line][k] for panels of two vectors of lines; the lines that a last panel lacks are anything.</summary>
    public static abstract void Transpose(float* source, nint stride, int lines, int depth, float* target);
}
