using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu.Recurrent;

/// <summary>
/// Cells visit lines scattered over arrays larger than the caches, and would wait for each of them. So those lines are asked for while
/// products are multiplied, a few at a time, since a core can only wait for so many: a third of a step's time depends on it.
/// </summary>
internal sealed unsafe partial class Walk<TCell>
{
    private const int Line = 16;

    /// <summary>Rows from one whose cells are computed to that whose outputs are asked for meanwhile.</summary>
    private const int RowsAhead = 2;

    /// <summary>Brings what the cells of a strip are about to touch into the first-level cache.</summary>
    /// <param name="first">The strip's first row.</param>
    /// <param name="count">Its rows.</param>
    /// <param name="part">Which part of it.</param>
    /// <param name="parts">How many parts there are.</param>
    /// <param name="unit">The first unit.</param>
    /// <param name="outputs">[rows, hidden]: what cells write, or the gradient that they read.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FetchCells(int first, int count, int part, int parts, int unit, float* outputs)
    {
        if (!Sse.IsSupported) return;
        var end = first + count * (part + 1) / parts;
        for (var p = first + count * part / parts; p < end; p++)
        {
            var row = _steps.Row(p, _step);
            for (var at = unit; at < unit + _unitsPerItem; at += Line)
            {
                for (var gate = 0; gate < _gateCount; gate++) Sse.Prefetch0(_gates + row * _gateStride + gate * _units + at);
                Sse.Prefetch0(outputs + row * _units + at);
                if (_memory != null) Sse.Prefetch0(_memory + row * _memoryStride + at);
                if (TCell.HasCell && _step > 0) Sse.Prefetch0(_memory + (row - 1) * _memoryStride + at);
            }
        }
    }

    /// <summary>Brings an item's share of the rows of the step to come into the second-level cache, in the order in which they lie (memory behind its gates).</summary>
    /// <param name="item">Which item.</param>
    /// <param name="part">Which part of its share.</param>
    /// <param name="parts">How many parts there are.</param>
    /// <param name="step">The step.</param>
    /// <param name="count">Sequences that have a row then.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FetchNext(int item, int part, int parts, int step, int count)
    {
        if (!Sse.IsSupported) return;
        long perRow = (GateRow + (_memory == null ? 0 : _units)) / Line, lines = perRow * count;
        long first = lines * item / _items, share = lines * (item + 1) / _items - first, end = first + share * (part + 1) / parts;
        for (var line = first + share * part / parts; line < end;)
        {
            var (position, at) = Math.DivRem(line, perRow);
            var row = _gates + _steps.Row((int)position, step) * _gateStride;
            for (; at < perRow && line < end; at++, line++) Sse.Prefetch1(row + (nint)at * Line);
        }
    }

    /// <summary>Brings the outputs of one row once more: where sequences lie a power of two apart, those of a whole strip do not stay in the first-level cache beside each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FetchOutput(int position, int unit, float* outputs)
    {
        if (!Sse.IsSupported) return;
        var row = outputs + _steps.Row(position, _step) * _units;
        for (var at = unit; at < unit + _unitsPerItem; at += Line) Sse.Prefetch0(row + at);
    }
}
