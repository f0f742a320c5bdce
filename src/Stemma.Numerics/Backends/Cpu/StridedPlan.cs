using System.Runtime.CompilerServices;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>
/// How to walk over two inputs and an output of different layouts: neighbouring axes that lie alike are merged, the innermost
/// becomes runs, and the runs are cut into work items of about equal size.
/// </summary>
internal struct StridedPlan
{
    private Steps _sizes, _a, _b, _y;
    private int _rank;

    public StridedPlan(Shape shape, Strides a, Strides b, Strides y)
    {
        _rank = 0;
        for (var axis = 0; axis < shape.Rank; axis++)
        {
            if (shape[axis] == 1) continue;
            var last = _rank - 1;
            if (_rank > 0 && _a[last] == a[axis] * shape[axis] && _b[last] == b[axis] * shape[axis] && _y[last] == y[axis] * shape[axis])
            {
                _sizes[last] *= shape[axis];
                (_a[last], _b[last], _y[last]) = (a[axis], b[axis], y[axis]);
                continue;
            }
            (_sizes[_rank], _a[_rank], _b[_rank], _y[_rank]) = (shape[axis], a[axis], b[axis], y[axis]);
            _rank++;
        }
        if (_rank == 0) (_rank, _sizes[0], _a[0], _b[0], _y[0]) = (1, 1, 1, 1, 1);
        (InnerLength, InnerA, InnerB, InnerY) = (_sizes[_rank - 1], _a[_rank - 1], _b[_rank - 1], _y[_rank - 1]);
        Rows = 1;
        for (var axis = 0; axis < _rank - 1; axis++) Rows *= _sizes[axis];
    }

    public long InnerLength { get; }

    public long InnerA { get; }

    public long InnerB { get; }

    public long InnerY { get; }

    /// <summary>The number of runs.</summary>
    public long Rows { get; }

    /// <summary>The number of work items of about <paramref name="chunk"/> elements.</summary>
    public readonly int Items(int chunk) => InnerLength > chunk
        ? (int)(Rows * Pieces(chunk))
        : (int)((Rows + RowsPerItem(chunk) - 1) / RowsPerItem(chunk));

    /// <summary>Begins an item.</summary>
    public readonly Runs Start(int item, int chunk)
    {
        if (InnerLength > chunk)
        {
            var (row, piece) = Math.DivRem(item, Pieces(chunk));
            return new(row, row + 1, piece * chunk, Math.Min(chunk, InnerLength - piece * chunk));
        }
        var rows = RowsPerItem(chunk);
        return new(item * rows, Math.Min(Rows, (item + 1) * rows), 0, InnerLength);
    }

    private readonly long Pieces(int chunk) => (InnerLength + chunk - 1) / chunk;

    private readonly long RowsPerItem(int chunk) => Math.Max(1, chunk / InnerLength);

    /// <summary>A piece of the innermost axis: where it begins in each tensor, and its length.</summary>
    public readonly record struct Run(long A, long B, long Y, long Length);

    /// <summary>The runs of one item.</summary>
    public struct Runs(long row, long end, long start, long length)
    {
        private long _row = row;

        public bool Next(in StridedPlan plan, out Run run)
        {
            run = default;
            if (_row >= end) return false;
            var (rest, a, b, y) = (_row++, start * plan.InnerA, start * plan.InnerB, start * plan.InnerY);
            for (var axis = plan._rank - 2; axis >= 0; axis--)
            {
                (rest, var index) = Math.DivRem(rest, plan._sizes[axis]);
                a += index * plan._a[axis];
                b += index * plan._b[axis];
                y += index * plan._y[axis];
            }
            run = new(a, b, y, length);
            return true;
        }
    }

    [InlineArray(Shape.MaxRank)]
    private struct Steps
    {
        private long _first;
    }
}
