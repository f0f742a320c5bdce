using System.Runtime.CompilerServices;
using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>Elements between rows of a trace: with lengths and sizes that are powers of two, the rows of a step, one of each sequence, would otherwise fall upon the same few lines of a cache.</summary>
    private const int TracePadding = 16;

    /// <summary>
    /// A recurrent layer over packed sequences. All inputs are projected by one product; then the backend walks over time. Rows of a
    /// sequence lie together, as everywhere: the walk picks the t-th row of each, which costs nothing since rows are long, and
    /// sequences of different lengths simply drop out.
    /// </summary>
    /// <returns>[rows + sequences (+ sequences), hidden]: every h_t, then the last of each sequence, then the last cells.</returns>
    private static Tensor Recurrence<TCell>(
        Tensor x, SequenceLayout layout, Tensor weightInput, Tensor weightHidden, Tensor? biasInput, Tensor? biasHidden, Tensor? hidden, Tensor? cell, [CallerMemberName] string operation = "")
        where TCell : struct, IRecurrentCell
    {
        x = x.ForCompute().Contiguous();
        weightInput = weightInput.ForCompute().Contiguous();
        weightHidden = weightHidden.ForCompute().Contiguous();
        biasInput = biasInput?.ForCompute().Contiguous();
        biasHidden = biasHidden?.ForCompute().Contiguous();
        var (rows, units) = (x.Shape[0], weightHidden.Shape[-1]);
        Shape states = [layout.Count, units];
        hidden = hidden?.ForCompute().Contiguous() ?? Tensor.Zeros(states, x.DType, x.Device);
        cell = !TCell.HasCell ? null : cell?.ForCompute().Contiguous() ?? Tensor.Zeros(states, x.DType, x.Device);
        Check<TCell>(x, layout, weightInput, weightHidden, biasInput, biasHidden, hidden, cell);
        var arguments = new RecurrentArguments(layout, weightHidden, biasHidden, hidden, cell);
        if (Tape.IsHigherOrder) return RecurrenceComposed<TCell>(x.Linear(weightInput, biasInput), arguments);

        var backend = x.Device.Backend;
        // Gates and memory share rows: a step visits both.
        var gateRow = TCell.GateCount * units;
        var keeps = TCell.HasCell || TCell.ScalesProduct;
        var trace = Tensor.Empty([rows, gateRow + (keeps ? units : 0) + TracePadding], x.DType, x.Device);
        var gates = trace.Slice(1, 0, gateRow);
        var memory = keeps ? trace.Slice(1, gateRow, units) : null;
        backend.MatMul(x, weightInput.Detach().Transposed, gates, biasInput, accumulate: false);
        var results = rows + layout.Count * (TCell.HasCell ? 2 : 1);
        // The gradient gathers the state before each row: the first ones stand behind the results.
        var all = Tensor.Empty([results + layout.Count, units], x.DType, x.Device);
        all.Slice(0, results, layout.Count).CopyFrom(hidden);
        var y = all.Slice(0, 0, results);
        backend.Recur<TCell>(arguments, gates, memory, y);

        return Tape.Record(y, [x, weightInput, weightHidden, hidden, cell, biasInput, biasHidden], [y, trace, x, weightInput, weightHidden, hidden, cell, biasInput, biasHidden], dy =>
        {
            var dhidden = hidden.RequiresGradient ? Tensor.Empty(states, x.DType, x.Device) : null;
            var dcell = cell is { RequiresGradient: true } ? Tensor.Empty(states, x.DType, x.Device) : null;
            var dbias = biasInput is { RequiresGradient: true } || biasHidden is { RequiresGradient: true } ? Tensor.Empty([gateRow], x.DType, x.Device) : null;
            var dproductBias = TCell.ScalesProduct && biasHidden is { RequiresGradient: true } ? Tensor.Empty([gateRow], x.DType, x.Device) : null;
            // Gates and memory become the gradients of the gates' inputs and, where those differ, of the last gate's products.
            backend.RecurGradient<TCell>(arguments, gates, memory, y, new(dy.Contiguous(), dhidden, dcell, dbias, dproductBias));
            return
            [
                x.RequiresGradient ? gates.MatMul(weightInput) : null,
                weightInput.RequiresGradient ? gates.Transposed.MatMul(x) : null,
                weightHidden.RequiresGradient ? RecurrentWeightGradient<TCell>(arguments, gates, memory, all) : null,
                dhidden,
                dcell,
                dbias,
                dproductBias ?? dbias,
            ];
        }, operation: operation);
    }

    /// <summary>[gates · hidden, hidden]: one product over all steps of all sequences.</summary>
    private static Tensor RecurrentWeightGradient<TCell>(in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor states) where TCell : struct, IRecurrentCell
    {
        var (rows, units, layout, backend) = (gates.Shape[0], arguments.HiddenSize, arguments.Layout, gates.Device.Backend);
        var dweight = Tensor.Empty(arguments.Weight.Shape, gates.DType, gates.Device);
        using var temporaries = Memory.Scope();
        var ids = new int[rows];
        for (var s = 0; s < layout.Count; s++)
            for (var row = layout.QueryOffsets[s]; row < layout.QueryOffsets[s + 1]; row++) ids[row] = row > layout.QueryOffsets[s] ? row - 1 : states.Shape[0] - layout.Count + s;
        var previous = Tensor.Empty([rows, units], gates.DType, gates.Device);
        backend.Gather(states, Tensor.From(ids, [rows], gates.Device), previous);
        var own = TCell.ScalesProduct ? gates.Shape[1] - units : gates.Shape[1];
        backend.MatMul(gates.Slice(1, 0, own).Transposed, previous, dweight.Slice(0, 0, own), null, accumulate: false);
        if (TCell.ScalesProduct) backend.MatMul(memory!.Transposed, previous, dweight.Slice(0, own, units), null, accumulate: false);
        return dweight;
    }

    /// <summary><see cref="Recurrence"/> of plain operations, one row at a time.</summary>
    private static Tensor RecurrenceComposed<TCell>(Tensor inputs, in RecurrentArguments arguments) where TCell : struct, IRecurrentCell
    {
        var (layout, outputs) = (arguments.Layout, new List<Tensor>());
        var (lastHidden, lastCell) = (new List<Tensor>(), new List<Tensor>());
        for (var s = 0; s < layout.Count; s++)
        {
            var hidden = arguments.Hidden.Slice(0, s, 1);
            var cell = arguments.Cell?.Slice(0, s, 1);
            for (var row = layout.QueryOffsets[s]; row < layout.QueryOffsets[s + 1]; row++)
            {
                (hidden, cell) = TCell.Step(inputs.Slice(0, row, 1), hidden.Linear(arguments.Weight, arguments.Bias), hidden, cell);
                outputs.Add(hidden);
            }
            lastHidden.Add(hidden);
            if (cell is not null) lastCell.Add(cell);
        }
        return layout.Count == 0 ? inputs.Slice(1, 0, arguments.HiddenSize) : Concatenate(0, [.. outputs, .. lastHidden, .. lastCell]);
    }

    private static void Check<TCell>(Tensor x, SequenceLayout layout, Tensor weightInput, Tensor weightHidden, Tensor? biasInput, Tensor? biasHidden, Tensor hidden, Tensor? cell)
        where TCell : struct, IRecurrentCell
    {
        var units = weightHidden.Shape[-1];
        if (x.Rank != 2 || x.Shape[0] != layout.QueryCount) throw new ArgumentException($"{TCell.Name} takes packed rows [{layout.QueryCount}, input], as many as the layout holds; got {x.Shape}.", nameof(x));
        if (weightHidden.Shape != [TCell.GateCount * units, units] || weightInput.Shape != [TCell.GateCount * units, x.Shape[1]])
            throw new ArgumentException($"{TCell.Name} over {x.Shape} takes weights [{TCell.GateCount} · hidden, {x.Shape[1]}] and [{TCell.GateCount} · hidden, hidden]; got {weightInput.Shape} and {weightHidden.Shape}.");
        Shape bias = [TCell.GateCount * units], states = [layout.Count, units];
        if ((biasInput is not null && biasInput.Shape != bias) || (biasHidden is not null && biasHidden.Shape != bias))
            throw new ArgumentException($"{TCell.Name} with a weight of shape {weightHidden.Shape} takes biases of shape {bias}; got {biasInput?.Shape} and {biasHidden?.Shape}.");
        if (hidden.Shape != states || (cell is not null && cell.Shape != states))
            throw new ArgumentException($"{TCell.Name} of {layout.Count} sequences starts from states of shape {states}; got {hidden.Shape} and {cell?.Shape}.");
        foreach (var other in (Tensor?[])[weightInput, weightHidden, biasInput, biasHidden, hidden, cell])
            if (other is not null && other.DType != x.DType) throw new ArgumentException($"Element types {x.DType} and {other.DType} do not mix; use Cast.");
    }
}
