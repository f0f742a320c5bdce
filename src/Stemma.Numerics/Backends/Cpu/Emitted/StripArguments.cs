using System.Runtime.InteropServices;

namespace Stemma.Numerics.Backends.Cpu.Emitted;

/// <summary>What a generated kernel is handed: a strip of rows of A against neighbouring panels of B. Every field is 8 bytes wide; strides count bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct StripArguments
{
    /// <summary>Bytes of a row of a panel: a pair of bfloat16 for each of 32 columns.</summary>
    public const int PanelRowBytes = 128;

    /// <summary>Columns of a panel.</summary>
    public const int PanelColumns = 32;

    /// <summary>Row 0 of the strip: bfloat16 along k, as many as <see cref="Steps"/> steps read.</summary>
    public ushort* A;

    /// <summary>Bytes from one row to the next.</summary>
    public nint StrideA;

    /// <summary>The first panel, [k/2][32 columns][2] bfloat16.</summary>
    public ushort* B;

    /// <summary>Bytes from one panel to the next.</summary>
    public nint PanelStride;

    /// <summary>Row 0 of C at the first panel's first column, float32.</summary>
    public float* C;

    /// <summary>Bytes from one row of C to the next.</summary>
    public nint StrideC;

    /// <summary>Steps of k, 1 or more, of as many values as the kernel takes at a time.</summary>
    public nint Steps;

    /// <summary>Panels whose 32 columns all lie in C, 0 or more.</summary>
    public nint Panels;

    /// <summary>The lowest bits are the columns of one more panel, of which only some lie in C; 0 for none.</summary>
    public nint TailMask;

    /// <summary>One float32 per column, or null.</summary>
    public float* Bias;

    /// <summary>1 to add to what C holds, 0 to overwrite it.</summary>
    public nint Add;

    /// <summary>The shapes of the tile registers, where the kernel uses them.</summary>
    public TileConfiguration* Tiles;

    /// <summary>What the next panels will be packed from.</summary>
    public StripAhead Panel;

    /// <summary>What the sums of this strip will be finished with.</summary>
    public StripAhead Finish;
}

/// <summary>
/// Memory that will be needed soon: at every step of k a kernel asks for a line of it and for a second one, so that it arrives while others are
/// multiplied. It need not exist. Every field is 8 bytes wide; distances count bytes.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct StripAhead
{
    /// <summary>The first line; null asks for nothing.</summary>
    public byte* First;

    /// <summary>From a line to the second one of the same step.</summary>
    public nint Second;

    /// <summary>From a step to the next.</summary>
    public nint Step;

    /// <summary>Added between one panel and the next, on top of its steps.</summary>
    public nint NextPanel;
}

/// <summary>The 64 bytes that LDTILECFG reads. Intel SDM volume 1, section 18.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct TileConfiguration
{
    /// <summary>1: eight tiles of up to 16 rows of 64 bytes.</summary>
    public byte Palette;

    private byte _startRow;
    private fixed byte _reserved[14];

    /// <summary>Bytes of a row of each tile.</summary>
    public fixed ushort RowBytes[16];

    /// <summary>Rows of each tile.</summary>
    public fixed byte Rows[16];
}
