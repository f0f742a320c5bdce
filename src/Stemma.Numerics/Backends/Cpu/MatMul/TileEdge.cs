using System.Runtime.CompilerServices;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>What the tile sets do where a matrix ends inside a tile or a panel: the same arithmetic, one value at a time.</summary>
internal static unsafe class TileEdge
{
    /// <summary>Writes the part of a finished tile that lies inside C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Merge(int rows, int columns, float* tile, nint tileStep, float* c, nint cStep, float* bias, bool add)
    {
        for (var row = 0; row < rows; row++, tile += tileStep, c += cStep)
        {
            for (var column = 0; column < columns; column++)
            {
                var value = add ? c[column] + tile[column] : tile[column];
                c[column] = bias == null ? value : value + bias[column];
            }
        }
    }

    /// <summary>Packs fewer lines than a vector has lanes, from a source whose rows run along k; missing lanes become zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackLines<TRounding>(float* source, nint stride, int lines, nint depth, float* target, nint step, int lanes) where TRounding : struct, IRounding
    {
        lanes = Math.Min(lanes, (int)step);
        for (var line = 0; line < lines; line++)
            for (nint k = 0; k < depth; k++)
                target[k * step + line] = TRounding.Apply(source[line * stride + k]);
        for (var line = lines; line < lanes; line++)
            for (nint k = 0; k < depth; k++)
                target[k * step + line] = 0f;
    }

    /// <summary>Packs the last, narrower panel from a source whose rows run across it; the vector in which the lines end is filled with zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackSteps<TRounding>(float* source, nint stride, int lines, nint depth, float* target, nint step, int lanes) where TRounding : struct, IRounding
    {
        if (lines <= 0)
            return;
        var filled = Math.Min((lines + lanes - 1) / lanes * lanes, (int)step);
        for (nint k = 0; k < depth; k++, source += stride, target += step)
        {
            for (var line = 0; line < lines; line++)
                target[line] = TRounding.Apply(source[line]);
            for (var line = lines; line < filled; line++)
                target[line] = 0f;
        }
    }
}
