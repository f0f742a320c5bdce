using System.Runtime.InteropServices;

namespace Stemma.Numerics.Backends.Cpu.Emitted;

/// <summary>What a generated peak loop is handed.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PeakLoopArgument
{
    /// <summary>Where <see cref="Tiles"/> lies.</summary>
    public const int TilesOffset = sizeof(long);

    /// <summary>1 or more.</summary>
    public long Iterations;

    /// <summary>The shapes of the tile registers, where the loop uses them.</summary>
    public TileConfiguration Tiles;

    /// <summary>Eight tiles of 16 rows of 64 bytes.</summary>
    public static TileConfiguration FullTiles
    {
        get
        {
            var shapes = new TileConfiguration { Palette = 1 };
            for (var tile = 0; tile < 8; tile++) (shapes.Rows[tile], shapes.RowBytes[tile]) = (16, 64);
            return shapes;
        }
    }
}
