using System.Runtime.CompilerServices;
using Stemma.Numerics.Backends.Cpu.MatMul;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu.Recurrent;

/// <summary>
/// A recurrence forwards. The weight is packed once; at each step threads share the hidden units, and whoever has multiplied all gates of
/// some units applies the cell to them while the products are in its first-level cache (persistent weights and fused gates after
/// Appleyard et al. 2016, arXiv:1604.01946).
/// </summary>
/// <remarks>A unit of a row is one sum in one order and then one formula, whatever rows and threads there are.</remarks>
internal sealed unsafe partial class Walk<TCell> where TCell : struct, IRecurrentCell
{
    /// <summary>Multiplications of a step below which a fork costs more than it saves.</summary>
    private const long ForkThreshold = 1 << 17;

    /// <summary>Steps below which packing the weight costs more than it saves.</summary>
    private const int PackedSteps = 3;

    /// <summary>Strips that an item takes through all gates at a time, so that their products stay in the first-level cache.</summary>
    private const int StripsAtOnce = 4;

    private readonly WorkerPool _pool;
    private readonly MatMulPrecision _precision;
    private readonly StepProduct _product;
    private readonly Steps _steps;
    private readonly int _units, _gateCount, _unitsPerItem, _items;
    private readonly float* _weight, _bias, _gates, _memory, _y, _hidden, _cell;
    private float* _state, _packedState, _panels, _products;
    private int _step, _active;

    public Walk(WorkerPool pool, MatMulPrecision precision, in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y)
    {
        (_pool, _precision, _product, _steps) = (pool, precision, StepProduct.For(precision), new(arguments.Layout));
        (_units, _gateCount, _unitsPerItem) = (arguments.HiddenSize, TCell.GateCount, _product.Columns);
        _items = (_units + _unitsPerItem - 1) / _unitsPerItem;
        _weight = arguments.Weight.Pointer<float>();
        _bias = OrNull(arguments.Bias);
        _hidden = arguments.Hidden.Pointer<float>();
        _cell = OrNull(arguments.Cell);
        _gates = gates.Pointer<float>();
        _memory = OrNull(memory);
        _y = y.Pointer<float>();
        RowCount = arguments.Layout.QueryCount;
    }

    private nint RowCount { get; }

    private int GateRow => _gateCount * _units;

    /// <summary>Fills gates, memory and y.</summary>
    public void Forward()
    {
        var count = _steps.SequenceCount;
        var packs = _steps.Count >= PackedSteps;
        using var state = new PooledBuffer<float>((long)count * _units);
        using var packedState = new PooledBuffer<float>(packs ? _product.StripCount(count) * _product.StripLength(_units) : 0);
        using var panels = new PooledBuffer<float>(packs ? _items * _gateCount * _product.PanelLength(_units) : 0);
        using var products = new PooledBuffer<float>(packs ? 0 : (long)count * GateRow);
        _state = state.Pointer;
        _packedState = packedState.Pointer;
        _panels = panels.Pointer;
        _products = products.Pointer;
        for (var p = 0; p < count; p++) Copy(_hidden + (nint)_steps.Sequence(p) * _units, _state + (nint)p * _units);
        if (packs) Spread(_items * _gateCount, long.MaxValue, new PackWeight(this));
        for (_step = 0; _step < _steps.Count; _step++)
        {
            _active = _steps.Active(_step);
            var work = (long)_active * GateRow * _units;
            if (packs) Spread(_product.StripCount(_active), work, new PackState(this, _units));
            else Multiply();
            Spread(_items, work, new Step(this, packs));
        }
        for (var p = 0; p < count; p++)
        {
            var s = (nint)_steps.Sequence(p);
            Copy(_state + (nint)p * _units, _y + (RowCount + s) * _units);
            if (TCell.HasCell) Copy(_steps.Length(p) > 0 ? _memory + _steps.Row(p, _steps.Length(p) - 1) * _units : _cell + s * _units, _y + (RowCount + count + s) * _units);
        }
    }

    private static float* OrNull(Tensor? x) => x is null ? null : x.Pointer<float>();

    private void Copy(float* from, float* to) => new Span<float>(from, _units).CopyTo(new(to, _units));

    private void Spread<TWork>(int items, long multiplications, TWork work) where TWork : struct, IParallelWork
    {
        if (multiplications >= ForkThreshold)
        {
            _pool.Run(items, work);
            return;
        }
        for (var i = 0; i < items; i++) work.Execute(i);
    }

    private void Multiply() => MatMulKernel.Best.Run(_pool, new MatMulArguments
    {
        Rows = _active,
        Columns = GateRow,
        Depth = _units,
        A = _state,
        StrideA = _units,
        B = _weight,
        StrideB = _units,
        TransposeB = true,
        C = _products,
        StrideC = GateRow,
        Bias = _bias,
        Precision = _precision,
    });

    private readonly struct PackWeight(Walk<TCell> walk) : IParallelWork
    {
        /// <summary>Panels stand as items read them: the gates of some units side by side.</summary>
        public void Execute(int item)
        {
            var (block, gate) = Math.DivRem(item, walk._gateCount);
            var unit = block * walk._unitsPerItem;
            walk._product.PackPanel(walk._weight + (gate * walk._units + unit) * (nint)walk._units, walk._units, true, Math.Min(walk._unitsPerItem, walk._units - unit), walk._units,
                walk._panels + item * walk._product.PanelLength(walk._units));
        }
    }

    private readonly struct PackState(Walk<TCell> walk, int depth) : IParallelWork
    {
        public void Execute(int item)
        {
            var (first, count) = walk._product.Strip(walk._active, item);
            walk._product.PackStrip(walk._state + (nint)first * depth, depth, count, depth, walk._packedState + item * walk._product.StripLength(depth));
        }
    }

    private readonly struct Step(Walk<TCell> walk, bool packs) : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var unit = item * walk._unitsPerItem;
            var units = Math.Min(walk._unitsPerItem, walk._units - unit);
            if (!packs)
            {
                for (var p = 0; p < walk._active; p++) Apply(p, unit, units, walk._products + (nint)p * walk.GateRow + unit, walk._units);
                return;
            }
            var (product, wide) = (walk._product, walk._gateCount * walk._unitsPerItem);
            var tile = Scratch.Take(ScratchSlot.Recurrence, StripsAtOnce * product.Rows * wide);
            var strips = product.StripCount(walk._active);
            for (var first = 0; first < strips; first += StripsAtOnce)
            {
                var end = Math.Min(strips, first + StripsAtOnce);
                var top = product.Strip(walk._active, first).First;
                for (var gate = 0; gate < walk._gateCount; gate++)
                {
                    var panel = walk._panels + (item * walk._gateCount + gate) * product.PanelLength(walk._units);
                    var bias = walk._bias == null ? null : walk._bias + gate * walk._units + unit;
                    for (var strip = first; strip < end; strip++)
                    {
                        var (row, rows) = product.Strip(walk._active, strip);
                        product.Multiply(rows, units, walk._units, walk._packedState + strip * product.StripLength(walk._units), panel, bias,
                            tile + (row - top) * wide + gate * walk._unitsPerItem, wide);
                    }
                }
                var bottom = product.Strip(walk._active, end - 1);
                for (var p = top; p < bottom.First + bottom.Count; p++) Apply(p, unit, units, tile + (p - top) * wide, walk._unitsPerItem);
            }
        }

        private void Apply(int position, int unit, int units, float* products, nint productStep)
        {
            var row = walk._steps.Row(position, walk._step);
            var before = walk._step > 0 ? (row - 1) * walk._units : (nint)walk._steps.Sequence(position) * walk._units;
            var hidden = walk._y + row * walk._units + unit;
            TCell.StepVectors(new CellStep<float>
            {
                Count = units,
                Gates = walk._gates + row * walk.GateRow + unit,
                GateStep = walk._units,
                Products = products,
                ProductStep = productStep,
                Previous = (walk._step > 0 ? walk._y : walk._hidden) + before + unit,
                MemoryBefore = TCell.HasCell ? (walk._step > 0 ? walk._memory : walk._cell) + before + unit : null,
                Memory = walk._memory == null ? null : walk._memory + row * walk._units + unit,
                Hidden = hidden,
            });
            new Span<float>(hidden, units).CopyTo(new(walk._state + (nint)position * walk._units + unit, units));
        }
    }
}
