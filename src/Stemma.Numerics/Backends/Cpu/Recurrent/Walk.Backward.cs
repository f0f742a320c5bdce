using System.Runtime.CompilerServices;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu.Recurrent;

/// <summary>A recurrence backwards: the state is now the gradient of the products, and the weight is packed the other way round.</summary>
internal sealed unsafe partial class Walk<TCell>
{
    private float* _dy, _carry, _dhidden;
    private int _continued;

    /// <summary>Turns gates and memory into gradients; fills dhidden and dcell where wanted.</summary>
    public void Backward(Tensor dy, Tensor? dhidden, Tensor? dcell)
    {
        var count = _steps.SequenceCount;
        using var state = new PooledBuffer<float>((long)count * GateRow);
        using var packedState = new PooledBuffer<float>(_product.StripCount(count) * _product.StripLength(GateRow));
        using var panels = new PooledBuffer<float>(_items * _product.PanelLength(GateRow));
        using var carry = new PooledBuffer<float>((long)count * _units);
        _state = state.Pointer;
        _packedState = packedState.Pointer;
        _panels = panels.Pointer;
        _carry = carry.Pointer;
        _dy = dy.Pointer<float>();
        _dhidden = OrNull(dhidden);
        for (var p = 0; p < count; p++)
        {
            if (TCell.HasCell) Copy(_dy + (RowCount + count + _steps.Sequence(p)) * _units, _carry + (nint)p * _units);
            else new Span<float>(_carry + (nint)p * _units, _units).Clear();
        }
        Spread(_items, long.MaxValue, new PackWeightBack(this));
        _active = 0;
        for (_step = _steps.Count - 1; _step >= 0; _step--)
        {
            var work = (long)_active * GateRow * _units;
            Spread(_product.StripCount(_active), work, new PackState(this, GateRow));
            _continued = _active;
            _active = _steps.Active(_step);
            Spread(_items, work, new StepBack(this));
        }
        if (dhidden is not null)
        {
            var work = (long)_active * GateRow * _units;
            Spread(_product.StripCount(_active), work, new PackState(this, GateRow));
            _continued = _active;
            _active = count;
            Spread(_items, work, new StepBack(this));
        }
        if (dcell is not null)
            for (var p = 0; p < count; p++) Copy(_carry + (nint)p * _units, dcell.Pointer<float>() + (nint)_steps.Sequence(p) * _units);
    }

    private readonly struct PackWeightBack(Walk<TCell> walk) : IParallelWork
    {
        public void Execute(int item)
        {
            var unit = item * walk._unitsPerItem;
            walk._product.PackPanel(walk._weight + unit, walk._units, false, Math.Min(walk._unitsPerItem, walk._units - unit), walk.GateRow,
                walk._panels + item * walk._product.PanelLength(walk.GateRow));
        }
    }

    /// <summary>A step of some units; before the first step, the gradient of the state that everything began with.</summary>
    private readonly struct StepBack(Walk<TCell> walk) : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var unit = item * walk._unitsPerItem;
            var units = Math.Min(walk._unitsPerItem, walk._units - unit);
            var product = walk._product;
            var tile = Scratch.Take(ScratchSlot.Recurrence, product.Rows * walk._unitsPerItem);
            var strips = product.StripCount(walk._continued);
            for (var strip = 0; strip < strips; strip++)
            {
                var (first, rows) = product.Strip(walk._continued, strip);
                product.Multiply(rows, units, walk.GateRow, walk._packedState + strip * product.StripLength(walk.GateRow), walk._panels + item * product.PanelLength(walk.GateRow), null,
                    tile, walk._unitsPerItem);
                for (var row = 0; row < rows; row++) Apply(first + row, unit, units, tile + row * walk._unitsPerItem);
            }
            // Sequences that end here: what follows their last state is only its gradient as a result.
            for (var p = walk._continued; p < walk._active; p++) Apply(p, unit, units, walk._dy + (walk.RowCount + walk._steps.Sequence(p)) * walk._units + unit);
        }

        private void Apply(int position, int unit, int units, float* products)
        {
            var carry = walk._carry + (nint)position * walk._units + unit;
            if (walk._step < 0)
            {
                // What passed beside the gates belongs to the hidden state, unless it was the cell's.
                var dhidden = walk._dhidden + (nint)walk._steps.Sequence(position) * walk._units + unit;
                for (var u = 0; u < units; u++) dhidden[u] = TCell.HasCell ? products[u] : products[u] + carry[u];
                return;
            }
            var row = walk._steps.Row(position, walk._step);
            var before = walk._step > 0 ? (row - 1) * walk._units : (nint)walk._steps.Sequence(position) * walk._units;
            var gates = walk._gates + row * walk.GateRow + unit;
            var memory = walk._memory == null ? null : walk._memory + row * walk._units + unit;
            TCell.GradientVectors(new CellGradient<float>
            {
                Count = units,
                Gates = gates,
                GateStep = walk._units,
                Previous = (walk._step > 0 ? walk._y : walk._hidden) + before + unit,
                Hidden = walk._y + row * walk._units + unit,
                MemoryBefore = TCell.HasCell ? (walk._step > 0 ? walk._memory : walk._cell) + before + unit : null,
                Memory = memory,
                Output = walk._dy + row * walk._units + unit,
                Products = products,
                Carry = carry,
            });
            var state = walk._state + (nint)position * walk.GateRow + unit;
            for (var gate = 0; gate < walk._gateCount; gate++)
            {
                var from = TCell.ScalesProduct && gate == walk._gateCount - 1 ? memory : gates + gate * walk._units;
                new Span<float>(from, units).CopyTo(new(state + gate * walk._units, units));
            }
        }
    }
}
