using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The rows of a table that the ids name: an embedding lookup.</summary>
    /// <param name="table">[rows, size].</param>
    /// <param name="ids">int32 of any shape, each 0 ≤ id &lt; rows.</param>
    /// <returns>[ids' shape, size].</returns>
    /// <exception cref="ArgumentOutOfRangeException">An id names no row.</exception>
    public static Tensor Gather(this Tensor table, Tensor ids)
    {
        var (rows, size) = table.Shape;
        ids = ids.Contiguous();
        CheckIds(ids, rows);
        Span<int> sizes = stackalloc int[ids.Rank + 1];
        ids.Shape.CopyTo(sizes);
        sizes[^1] = size;
        table = table.ForCompute().Contiguous();
        var y = Tensor.Empty(Shape.Create(sizes), table.DType, table.Device);
        table.Device.Backend.Gather(table, ids, y);
        return Tape.Record(y, [table, ids], [ids], (table, ids, rows), static (s, dy) =>
        {
            // A table that is the output projection too has a gradient already, of which this one reaches a few rows.
            if (Tape.SumSoFar(s.table) is not { } sum) return [dy.Scatter(s.ids, s.rows), null];
            sum.Device.Backend.ScatterAdd(dy.ForCompute().Contiguous(), s.ids, sum);
            return [null, null];
        });
    }

    /// <summary>A table of zeros with every row of x added to the row its id names: the gradient of <see cref="Gather"/>.</summary>
    /// <param name="x">[ids' shape, size].</param>
    /// <param name="ids">int32.</param>
    /// <param name="rows">The rows of the table.</param>
    /// <returns>[rows, size].</returns>
    public static Tensor Scatter(this Tensor x, Tensor ids, int rows)
    {
        x = x.ForCompute().Contiguous();
        ids = ids.Contiguous();
        CheckIds(ids, rows);
        if (x.Rank != ids.Rank + 1 || x.Shape.Without(-1) != ids.Shape) throw new ArgumentException($"Ids {ids.Shape} do not name the rows of {x.Shape}.", nameof(ids));
        var table = Tensor.Zeros([rows, x.Shape[-1]], x.DType, x.Device);
        x.Device.Backend.ScatterAdd(x, ids, table);
        return Tape.Record(table, [x, ids], [ids], ids, static (ids, dy) => [dy.Gather(ids), null]);
    }

    private static void CheckIds(Tensor ids, int rows)
    {
        foreach (var id in ids.Span<int>())
            if ((uint)id >= (uint)rows) throw new ArgumentOutOfRangeException(nameof(ids), $"Id {id} names no row of a table of {rows}.");
        GC.KeepAlive(ids);
    }
}
