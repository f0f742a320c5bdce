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
            return new(this, row, row + 1, piece * chunk, Math.Min(chunk, InnerLength - piece * chunk));
        }
        var rows = RowsPerItem(chunk);
        return new(this, item * rows, Math.Min(Rows, (item + 1) * rows), 0, InnerLength);
    }

    private readonly long Pieces(int chunk) => (InnerLength + chunk - 1) / chunk;

    private readonly long RowsPerItem(int chunk) => Math.Max(1, chunk / InnerLength);

    /// <summary>A piece of the innermost axis: where it begins in each tensor, and its length.</summary>
    public readonly record struct Run(long A, long B, long Y, long Length);

    /// <summary>The runs of one item: an odometer over the outer axes.</summary>
    public struct Runs
    {
        private readonly long _length;
        private long _left, _atA, _atB, _atY;
        private Steps _index;

        public Runs(in StridedPlan plan, long row, long end, long start, long length)
        {
            (_left, _length) = (end - row, length);
            (_atA, _atB, _atY) = (start * plan.InnerA, start * plan.InnerB, start * plan.InnerY);
            for (var axis = plan._rank - 2; axis >= 0; axis--)
            {
                (row, _index[axis]) = Math.DivRem(row, plan._sizes[axis]);
                _atA += _index[axis] * plan._a[axis];
                _atB += _index[axis] * plan._b[axis];
                _atY += _index[axis] * plan._y[axis];
            }
        }

        public bool Next(in StridedPlan plan, out Run run)
        {
            run = new(_atA, _atB, _atY, _length);
            if (_left-- <= 0) return false;
            for (var axis = plan._rank - 2; axis >= 0; axis--)
            {
                _atA += plan._a[axis];
                _atB += plan._b[axis];
                _atY += plan._y[axis];
                if (++_index[axis] < plan._sizes[axis]) break;
                _atA -= plan._a[axis] * plan._sizes[axis];
                _atB -= plan._b[axis] * plan._sizes[axis];
                _atY -= plan._y[axis] * plan._sizes[axis];
                _index[axis] = 0;
            }
            return true;
        }
    }

    [InlineArray(Shape.MaxRank)]
    private struct Steps
    {
        private long _first;
    }
}
