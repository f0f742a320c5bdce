using System.Runtime.CompilerServices;

namespace Stemma.Numerics;

/// <summary>How many elements apart the neighbours along each axis lie, fewer than 2³¹; 0 on an axis that repeats.</summary>
internal readonly struct Strides
{
    private readonly Axes _steps;

    public Strides(ReadOnlySpan<long> steps)
    {
        for (var i = 0; i < steps.Length; i++) _steps[i] = checked((int)steps[i]);
    }

    public long this[int axis] => _steps[axis];

    /// <summary>Row-major: the innermost axis is contiguous.</summary>
    public static Strides Contiguous(Shape shape)
    {
        Span<long> steps = stackalloc long[shape.Rank];
        var step = 1L;
        for (var i = shape.Rank - 1; i >= 0; i--)
        {
            steps[i] = step;
            step *= shape[i];
        }
        return new(steps);
    }

    /// <summary>Whether the elements of <paramref name="shape"/> lie row-major without gaps; axes of size 1 do not count.</summary>
    public bool AreContiguous(Shape shape)
    {
        if (shape.Count == 0) return true;
        var step = 1L;
        for (var i = shape.Rank - 1; i >= 0; i--)
        {
            if (shape[i] == 1) continue;
            if (_steps[i] != step) return false;
            step *= shape[i];
        }
        return true;
    }

    /// <summary>The strides under which a tensor of <paramref name="from"/> reads as <paramref name="to"/>: repeated axes get 0.</summary>
    public Strides Broadcast(Shape from, Shape to)
    {
        Span<long> steps = stackalloc long[to.Rank];
        for (var i = 1; i <= to.Rank; i++)
        {
            if (i > from.Rank) continue;
            if (from[-i] != to[-i] && from[-i] != 1) throw new ArgumentException($"Shape {from} does not broadcast to {to}.");
            steps[^i] = from[-i] == to[-i] ? _steps[from.Rank - i] : 0;
        }
        if (from.Rank > to.Rank) throw new ArgumentException($"Shape {from} does not broadcast to {to}.");
        return new(steps);
    }

    [InlineArray(Shape.MaxRank)]
    private struct Axes
    {
        private int _first;
    }
}
