using System.Runtime.CompilerServices;

namespace Stemma.Numerics.Backends.Reference;

/// <summary>Visits every element of a shape, row-major, and tells where it lies under two layouts.</summary>
internal struct Walk(Shape shape, Strides first, Strides second)
{
    private Index _index;
    private long _visited = -1, _first, _second;

    /// <summary>The next element's offsets; false when there are no more.</summary>
    public bool Next(out long offset, out long other)
    {
        if (++_visited > 0)
        {
            for (var axis = shape.Rank - 1; axis >= 0; axis--)
            {
                _first += first[axis];
                _second += second[axis];
                if (++_index[axis] < shape[axis]) break;
                _first -= first[axis] * shape[axis];
                _second -= second[axis] * shape[axis];
                _index[axis] = 0;
            }
        }
        (offset, other) = (_first, _second);
        return _visited < shape.Count;
    }

    [InlineArray(Shape.MaxRank)]
    private struct Index
    {
        private int _first;
    }
}
