using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu.Recurrent;

/// <summary>A recurrence backwards: what goes from step to step is the gradient of the products, and the weight is packed the other way round.</summary>
internal sealed unsafe partial class Walk<TCell>
{
    private float* _dy, _carry, _dhidden, _inputSums, _productSums;

    /// <summary>Turns gates and memory into gradients; fills the others where wanted.</summary>
    public void Backward(in RecurrentGradients gradients)
    {
        using var panels = new PooledBuffer<float>(_items * _product.PanelLength(GateRow));
        using var strips = Strips(GateRow);
        using var carry = new PooledBuffer<float>((long)_sequences * _units);
        _panels = panels.Pointer;
        _carry = carry.Pointer;
        _dy = gradients.Output.Pointer<float>();
        _dhidden = OrNull(gradients.Hidden);
        _inputSums = OrNull(gradients.InputBias);
        _productSums = OrNull(gradients.ProductBias);
        foreach (var sums in (Tensor?[])[gradients.InputBias, gradients.ProductBias]) sums?.Span<float>().Clear();
        for (var p = 0; p < _sequences; p++)
        {
            if (TCell.HasCell) Copy(_dy + (_rows + _sequences + _steps.Sequence(p)) * _units, _carry + (nint)p * _units);
            else new Span<float>(_carry + (nint)p * _units, _units).Clear();
        }
        Spread(_items, long.MaxValue, new PackWeightBack(this));
        // At a step, as many rows continue as the step after it had, and as many are written as the step has.
        for (_step = _steps.Count - 1; _step >= 0; _step--)
        {
            Advance(_step);
            Spread(_items, (long)_nextActive * GateRow * _units, new StepBack(this));
        }
        if (_dhidden != null)
        {
            Advance(-1);
            Spread(_items, (long)_active * GateRow * _units, new FirstState(this));
        }
        if (gradients.Cell is { } dcell)
            for (var p = 0; p < _sequences; p++) Copy(_carry + (nint)p * _units, dcell.Pointer<float>() + (nint)_steps.Sequence(p) * _units);
    }

    /// <summary>The gradient of what a sequence's last state gave beside its output.</summary>
    private float* Last(int position, int unit) => _dy + (_rows + _steps.Sequence(position)) * _units + unit;

    private void ApplyBack(int position, int unit, int units, float* products, float* next)
    {
        var row = _steps.Row(position, _step);
        var gates = _gates + row * _gateStride + unit;
        var memory = _memory == null ? null : _memory + row * _memoryStride + unit;
        TCell.GradientVectors(new CellGradient<float>
        {
            Count = units,
            Gates = gates,
            GateStep = _units,
            Previous = Previous(position, row) + unit,
            Hidden = _y + row * _units + unit,
            MemoryBefore = TCell.HasCell ? MemoryBefore(position, row) + unit : null,
            Memory = memory,
            Output = _dy + row * _units + unit,
            Products = products,
            Carry = _carry + (nint)position * _units + unit,
        });
        for (var gate = 0; gate < _gateCount; gate++)
        {
            var from = TCell.ScalesProduct && gate == _gateCount - 1 ? memory : gates + gate * _units;
            CopyUnits(from, next + gate * _unitsPerItem, units);
        }
    }

    /// <summary>Adds a step's gradients, summed over its rows, to those of the biases.</summary>
    /// <param name="products">The gradients of the products, [rows, gates, units of an item].</param>
    /// <param name="unit">The first unit.</param>
    /// <param name="units">Units.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddSums(float* products, int unit, int units)
    {
        for (var gate = 0; gate < _gateCount; gate++)
        {
            var scaled = TCell.ScalesProduct && gate == _gateCount - 1;
            for (nint u = 0; u < units; u += VectorMath.Width)
            {
                var (left, at) = (units - u, gate * _units + unit + u);
                Vector512<float> product = Vector512<float>.Zero, input = Vector512<float>.Zero;
                for (var p = 0; p < _nextActive; p++)
                {
                    product += VectorMath.Load(products + (p * _gateCount + gate) * _unitsPerItem + u, left);
                    if (scaled) input += VectorMath.Load(_gates + _steps.Row(p, _step) * _gateStride + at, left);
                }
                if (_inputSums != null) VectorMath.Store(VectorMath.Load(_inputSums + at, left) + (scaled ? input : product), _inputSums + at, left);
                if (_productSums != null) VectorMath.Store(VectorMath.Load(_productSums + at, left) + product, _productSums + at, left);
            }
        }
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

    private readonly struct StepBack(Walk<TCell> walk) : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var (product, unit) = (walk._product, item * walk._unitsPerItem);
            var units = Math.Min(walk._unitsPerItem, walk._units - unit);
            var wide = walk._gateCount * walk._unitsPerItem;
            var tile = Scratch.Take(ScratchSlot.Recurrence, product.Rows * walk._unitsPerItem + walk._nextActive * wide);
            var next = tile + product.Rows * walk._unitsPerItem;
            var panel = walk._panels + item * product.PanelLength(walk.GateRow);
            var (blocks, stripLength) = (product.BlockCount(walk.GateRow), product.StripLength(walk.GateRow));
            for (var strip = 0; strip < walk._stripCount; strip++)
            {
                var (first, rows) = StepProduct.Strip(walk._active, walk._stripCount, strip);
                for (var block = 0; block < blocks; block++)
                {
                    walk.FetchCells(first, rows, block, blocks, unit, walk._dy);
                    if (walk._step > 0) walk.FetchNext(item, strip * blocks + block, walk._stripCount * blocks, walk._step - 1, walk._active);
                    product.Multiply(block, rows, walk.GateRow, walk._strips + strip * stripLength, panel, null, tile, walk._unitsPerItem);
                }
                for (var row = 0; row < rows; row++)
                {
                    if (row + RowsAhead < rows) walk.FetchOutput(first + row + RowsAhead, unit, walk._dy);
                    walk.ApplyBack(first + row, unit, units, tile + row * walk._unitsPerItem, next + (first + row) * wide);
                }
            }
            // Sequences that end here.
            for (var p = walk._active; p < walk._nextActive; p++) walk.ApplyBack(p, unit, units, walk.Last(p, unit), next + p * wide);
            walk.AddSums(next, unit, units);
            for (var gate = 0; gate < walk._gateCount; gate++) walk.Pack(next + gate * walk._unitsPerItem, wide, gate * walk._units + unit, units, walk.GateRow);
        }
    }

    /// <summary>The gradient of the state that everything began with.</summary>
    private readonly struct FirstState(Walk<TCell> walk) : IParallelWork
    {
        public void Execute(int item)
        {
            var (product, unit) = (walk._product, item * walk._unitsPerItem);
            var units = Math.Min(walk._unitsPerItem, walk._units - unit);
            var tile = Scratch.Take(ScratchSlot.Recurrence, product.Rows * walk._unitsPerItem);
            for (var strip = 0; strip < walk._stripCount; strip++)
            {
                var (first, rows) = StepProduct.Strip(walk._active, walk._stripCount, strip);
                for (var block = 0; block < product.BlockCount(walk.GateRow); block++)
                    product.Multiply(block, rows, walk.GateRow, walk._strips + strip * product.StripLength(walk.GateRow), walk._panels + item * product.PanelLength(walk.GateRow), null, tile, walk._unitsPerItem);
                for (var row = 0; row < rows; row++) Put(first + row, unit, units, tile + row * walk._unitsPerItem);
            }
            for (var p = walk._active; p < walk._sequences; p++) Put(p, unit, units, walk.Last(p, unit));
        }

        private void Put(int position, int unit, int units, float* products)
        {
            var dhidden = walk._dhidden + (nint)walk._steps.Sequence(position) * walk._units + unit;
            var carry = walk._carry + (nint)position * walk._units + unit;
            // What passed beside the gates belongs to the hidden state, unless it was the cell's.
            for (var u = 0; u < units; u++) dhidden[u] = TCell.HasCell ? products[u] : products[u] + carry[u];
        }
    }
}
