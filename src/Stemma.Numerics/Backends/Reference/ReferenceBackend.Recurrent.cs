using System.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Reference;

internal sealed unsafe partial class ReferenceBackend
{
    public void Recur<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y) where TCell : struct, IRecurrentCell
    {
        if (y.DType == DType.Float32) Walk<TCell, float>(arguments, gates, memory, y);
        else Walk<TCell, double>(arguments, gates, memory, y);
    }

    public void RecurGradient<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y, in RecurrentGradients gradients) where TCell : struct, IRecurrentCell
    {
        if (y.DType == DType.Float32) WalkBack<TCell, float>(arguments, gates, memory, y, gradients);
        else WalkBack<TCell, double>(arguments, gates, memory, y, gradients);
    }

    private static void Walk<TCell, T>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y)
        where TCell : struct, IRecurrentCell where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (layout, units, columns) = (arguments.Layout, arguments.HiddenSize, TCell.GateCount * arguments.HiddenSize);
        T* weight = arguments.Weight.Pointer<T>(), bias = OrNull<T>(arguments.Bias);
        var products = new T[columns];
        fixed (T* product = products)
        {
            for (var s = 0; s < layout.Count; s++)
            {
                T* hidden = arguments.Hidden.Pointer<T>() + (long)s * units, cell = TCell.HasCell ? arguments.Cell!.Pointer<T>() + (long)s * units : null;
                for (long row = layout.QueryOffsets[s]; row < layout.QueryOffsets[s + 1]; row++)
                {
                    for (var j = 0; j < columns; j++)
                    {
                        var sum = T.Zero;
                        for (var k = 0; k < units; k++) sum += hidden[k] * weight[(long)j * units + k];
                        product[j] = bias is null ? sum : sum + bias[j];
                    }
                    var next = y.Pointer<T>() + row * units;
                    var kept = memory is null ? null : memory.Pointer<T>() + row * memory.Strides[0];
                    TCell.Step(new CellStep<T>
                    {
                        Count = units,
                        Gates = gates.Pointer<T>() + row * gates.Strides[0],
                        GateStep = units,
                        Products = product,
                        ProductStep = units,
                        Previous = hidden,
                        MemoryBefore = cell,
                        Memory = kept,
                        Hidden = next,
                    });
                    hidden = next;
                    if (TCell.HasCell) cell = kept;
                }
                new Span<T>(hidden, units).CopyTo(Row<T>(y, layout.QueryCount + s));
                if (TCell.HasCell) new Span<T>(cell, units).CopyTo(Row<T>(y, layout.QueryCount + layout.Count + s));
            }
        }
    }

    private static void WalkBack<TCell, T>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y, in RecurrentGradients gradients)
        where TCell : struct, IRecurrentCell where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (layout, units, columns) = (arguments.Layout, arguments.HiddenSize, TCell.GateCount * arguments.HiddenSize);
        var weight = arguments.Weight.Pointer<T>();
        var (dy, dhidden, dcell, dbias, dproductBias) = gradients;
        foreach (var sum in (Tensor?[])[dbias, dproductBias]) sum?.Span<T>().Clear();
        T[] products = new T[units], carries = new T[units];
        fixed (T* product = products, carry = carries)
        {
            for (var s = 0; s < layout.Count; s++)
            {
                Row<T>(dy, layout.QueryCount + s).CopyTo(products);
                if (TCell.HasCell) Row<T>(dy, layout.QueryCount + layout.Count + s).CopyTo(carries);
                else carries.AsSpan().Clear();
                var first = (long)layout.QueryOffsets[s];
                for (var row = layout.QueryOffsets[s + 1] - 1L; row >= first; row--)
                {
                    var gate = gates.Pointer<T>() + row * gates.Strides[0];
                    var kept = memory is null ? null : memory.Pointer<T>() + row * memory.Strides[0];
                    TCell.Gradient(new CellGradient<T>
                    {
                        Count = units,
                        Gates = gate,
                        GateStep = units,
                        Previous = row > first ? y.Pointer<T>() + (row - 1) * units : arguments.Hidden.Pointer<T>() + (long)s * units,
                        Hidden = y.Pointer<T>() + row * units,
                        MemoryBefore = !TCell.HasCell ? null : row > first ? kept - memory!.Strides[0] : arguments.Cell!.Pointer<T>() + (long)s * units,
                        Memory = kept,
                        Output = dy.Pointer<T>() + row * units,
                        Products = product,
                        Carry = carry,
                    });
                    var own = TCell.ScalesProduct ? columns - units : columns;
                    for (var k = 0; k < units; k++)
                    {
                        var sum = T.Zero;
                        for (var j = 0; j < columns; j++) sum += (j < own ? gate[j] : kept[j - own]) * weight[(long)j * units + k];
                        product[k] = sum;
                    }
                    for (var j = 0; dbias is not null && j < columns; j++) dbias.Span<T>()[j] += gate[j];
                    for (var j = 0; dproductBias is not null && j < columns; j++) dproductBias.Span<T>()[j] += j < own ? gate[j] : kept[j - own];
                }
                if (dcell is not null) carries.CopyTo(Row<T>(dcell, s));
                if (dhidden is null) continue;
                // What passed beside the gates belongs to the hidden state, unless it was the cell's.
                for (var k = 0; k < units; k++) Row<T>(dhidden, s)[k] = TCell.HasCell ? product[k] : product[k] + carry[k];
            }
        }
    }

    private static T* OrNull<T>(Tensor? x) where T : unmanaged => x is null ? null : x.Pointer<T>();
}
