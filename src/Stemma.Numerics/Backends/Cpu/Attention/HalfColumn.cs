using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>Eight of the sixteen queries of a <see cref="ScoreColumn"/>.</summary>
/// <param name="column">Low, End and IsWhole.</param>
/// <param name="left">The first key that each query sees.</param>
/// <param name="right">The last key that each query sees.</param>
/// <param name="blocks">Where key 0 of each query stands in the stream of dropout, in units of four.</param>
/// <param name="start">The first key of the tile.</param>
internal readonly struct HalfColumn(in ScoreColumn column, Vector256<int> left, Vector256<int> right, Vector512<ulong> blocks, int start)
{
    /// <inheritdoc cref="ScoreColumn.Low"/>
    public readonly int Low = column.Low;

    /// <inheritdoc cref="ScoreColumn.End"/>
    public readonly int End = column.End;

    /// <inheritdoc cref="ScoreColumn.IsWhole"/>
    public readonly bool IsWhole = column.IsWhole;

    /// <summary>All bits of the queries that see a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Sees(int key)
    {
        var at = Vector256.Create(start + key);
        return Vector256.AndNot(~Vector256.GreaterThan(left, at), Vector256.GreaterThan(at, right)).AsSingle();
    }

    /// <summary>The place in the stream of a key, a multiple of four, for the four queries from <paramref name="query"/> on, 0 or 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<ulong> Blocks(int key, int query) => (query == 0 ? blocks.GetLower() : blocks.GetUpper()) + Vector256.Create((ulong)key >> 2);
}
