using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Stemma.Numerics.Backends.Cpu.MatMul;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu.Recurrent;

/// <summary>
/// A recurrence forwards. The weight is packed once; at each step threads share the hidden units, and whoever has multiplied all gates of
/// some units applies the cell to them while the products are in its first-level cache, and packs them for the next step (persistent
/// weights and fused gates after Appleyard et al. 2016, arXiv:1604.01946). So a step takes one fork.
/// </summary>
/// <remarks>A unit of a row is one sum in one order and then one formula, whatever rows and threads there are.</remarks>
internal sealed unsafe partial class Walk<TCell> where TCell : struct, IRecurrentCell
{
    /// <summary>Multiplications of a step below which a fork costs more than it saves.</summary>
    private const long ForkThreshold = 1 << 17;

    /// <summary>Steps below which packing the weight costs more than it saves.</summary>
    private const int PackedSteps = 3;

    private readonly WorkerPool _pool;
    private readonly MatMulPrecision _precision;
    private readonly StepProduct _product;
    private readonly Steps _steps;
    private readonly int _units, _gateCount, _unitsPerItem, _items, _sequences;
    private readonly nint _rows, _gateStride, _memoryStride;
    private readonly float* _weight, _bias, _gates, _memory, _y, _hidden, _cell;
    private float* _panels, _products, _state;

    // Strips that a step reads, and those that it writes for the next.
    private float* _strips, _nextStrips;
    private int _step, _active, _nextActive, _stripCount, _nextStripCount;

    public Walk(WorkerPool pool, MatMulPrecision precision, in RecurrentArguments arguments, Tensor gates, Tensor? memory, Tensor y)
    {
        (_pool, _precision, _product, _steps) = (pool, precision, StepProduct.Best(precision), new(arguments.Layout));
        (_units, _gateCount, _unitsPerItem) = (arguments.HiddenSize, TCell.GateCount, _product.Columns);
        _items = (_units + _unitsPerItem - 1) / _unitsPerItem;
        (_sequences, _rows) = (arguments.Layout.Count, arguments.Layout.QueryCount);
        _weight = arguments.Weight.Pointer<float>();
        _bias = OrNull(arguments.Bias);
        _hidden = arguments.Hidden.Pointer<float>();
        _cell = OrNull(arguments.Cell);
        _gates = gates.Pointer<float>();
        _memory = OrNull(memory);
        _gateStride = (nint)gates.Strides[0];
        _memoryStride = memory is null ? 0 : (nint)memory.Strides[0];
        _y = y.Pointer<float>();
    }

    private int GateRow => _gateCount * _units;

    /// <summary>Fills gates, memory and y.</summary>
    public void Forward()
    {
        if (_steps.Count < PackedSteps) ForwardUnpacked();
        else ForwardPacked();
        for (var p = 0; p < _sequences; p++)
        {
            var (s, length) = ((nint)_steps.Sequence(p), _steps.Length(p));
            Copy(length > 0 ? _y + _steps.Row(p, length - 1) * _units : _hidden + s * _units, _y + (_rows + s) * _units);
            if (TCell.HasCell) Copy(length > 0 ? _memory + _steps.Row(p, length - 1) * _memoryStride : _cell + s * _units, _y + (_rows + _sequences + s) * _units);
        }
    }

    private static float* OrNull(Tensor? x) => x is null ? null : x.Pointer<float>();

    private void ForwardPacked()
    {
        var biasLength = _items * _gateCount * _unitsPerItem;
        using var panels = new PooledBuffer<float>(_items * _gateCount * _product.PanelLength(_units) + biasLength);
        using var strips = Strips(_units);
        _panels = panels.Pointer;
        _products = panels.Pointer + _items * _gateCount * _product.PanelLength(_units);
        Spread(_items, long.MaxValue, new PackWeight(this));
        Advance(0);
        using (var first = new PooledBuffer<float>((long)_nextActive * _units))
        {
            for (var p = 0; p < _nextActive; p++) Copy(_hidden + (nint)_steps.Sequence(p) * _units, first.Pointer + (nint)p * _units);
            for (var unit = 0; unit < _units; unit += _unitsPerItem) Pack(first.Pointer + unit, _units, unit, Math.Min(_unitsPerItem, _units - unit), _units);
        }
        for (_step = 0; _step < _steps.Count; _step++)
        {
            Advance(_step + 1);
            Spread(_items, (long)_active * GateRow * _units, new Step(this));
        }
    }

    /// <summary>A step or two: the weight is read as it is stored.</summary>
    private void ForwardUnpacked()
    {
        using var state = new PooledBuffer<float>((long)_sequences * _units);
        using var products = new PooledBuffer<float>((long)_sequences * GateRow);
        _state = state.Pointer;
        _products = products.Pointer;
        for (_step = 0; _step < _steps.Count; _step++)
        {
            _active = _steps.Active(_step);
            for (var p = 0; p < _active; p++) Copy(_step == 0 ? _hidden + (nint)_steps.Sequence(p) * _units : _y + _steps.Row(p, _step - 1) * _units, _state + (nint)p * _units);
            MatMulKernel.Best.Run(_pool, new MatMulArguments
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
            Spread(_items, (long)_active * GateRow, new UnpackedStep(this));
        }
    }

    /// <summary>Two sets of strips for all sequences, zero.</summary>
    private PooledBuffer<float> Strips(int depth)
    {
        var length = _product.StripCount(_steps.Active(0)) * _product.StripLength(depth);
        var strips = new PooledBuffer<float>(2 * length);
        NativeMemory.Clear(strips.Pointer, (nuint)(2 * length * sizeof(float)));
        _strips = strips.Pointer;
        _nextStrips = strips.Pointer + length;
        return strips;
    }

    /// <summary>What was written is read now; what is written is for the step given.</summary>
    private void Advance(int next)
    {
        var written = _nextStrips;
        _nextStrips = _strips;
        _strips = written;
        (_active, _nextActive) = (_nextActive, next < 0 ? _nextActive : _steps.Active(next));
        (_stripCount, _nextStripCount) = (_nextStripCount, _product.StripCount(_nextActive));
    }

    /// <summary>Packs some units of the next state's rows.</summary>
    private void Pack(float* values, nint stride, int k, int units, int depth)
    {
        var length = _product.StripLength(depth);
        for (var strip = 0; strip < _nextStripCount; strip++)
        {
            var (first, rows) = StepProduct.Strip(_nextActive, _nextStripCount, strip);
            _product.PackSteps(values + first * stride, stride, rows, k, units, depth, _nextStrips + strip * length);
        }
    }

    private void Apply(int position, int unit, int units, float* products, nint productStep)
    {
        var row = _steps.Row(position, _step);
        TCell.StepVectors(new CellStep<float>
        {
            Count = units,
            Gates = _gates + row * _gateStride + unit,
            GateStep = _units,
            Products = products,
            ProductStep = productStep,
            Previous = Previous(position, row) + unit,
            MemoryBefore = TCell.HasCell ? MemoryBefore(position, row) + unit : null,
            Memory = _memory == null ? null : _memory + row * _memoryStride + unit,
            Hidden = _y + row * _units + unit,
        });
    }

    private float* Previous(int position, nint row) => _step > 0 ? _y + (row - 1) * _units : _hidden + (nint)_steps.Sequence(position) * _units;

    private float* MemoryBefore(int position, nint row) => _step > 0 ? _memory + (row - 1) * _memoryStride : _cell + (nint)_steps.Sequence(position) * _units;

    /// <summary>Some units of a row; a call would cost more than the copy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyUnits(float* from, float* to, nint units)
    {
        for (nint u = 0; u < units; u += VectorMath.Width) VectorMath.Store(VectorMath.Load(from + u, units - u), to + u, units - u);
    }

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

    /// <summary>Panels stand as a step reads them, the gates of some units side by side, and so do the biases.</summary>
    private readonly struct PackWeight(Walk<TCell> walk) : IParallelWork
    {
        public void Execute(int item)
        {
            var unit = item * walk._unitsPerItem;
            var units = Math.Min(walk._unitsPerItem, walk._units - unit);
            for (var gate = 0; gate < walk._gateCount; gate++)
            {
                var (panel, first) = (item * walk._gateCount + gate, gate * walk._units + unit);
                walk._product.PackPanel(walk._weight + (nint)first * walk._units, walk._units, true, units, walk._units, walk._panels + panel * walk._product.PanelLength(walk._units));
                if (walk._bias != null) new Span<float>(walk._bias + first, units).CopyTo(new(walk._products + panel * walk._unitsPerItem, units));
            }
        }
    }

    private readonly struct Step(Walk<TCell> walk) : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var (product, unit) = (walk._product, item * walk._unitsPerItem);
            var units = Math.Min(walk._unitsPerItem, walk._units - unit);
            var wide = walk._gateCount * walk._unitsPerItem;
            var tile = Scratch.Take(ScratchSlot.Recurrence, product.Rows * wide + walk._nextActive * walk._unitsPerItem);
            var next = tile + product.Rows * wide;
            var (blocks, stripLength, panelLength) = (product.BlockCount(walk._units), product.StripLength(walk._units), product.PanelLength(walk._units));
            for (var strip = 0; strip < walk._stripCount; strip++)
            {
                var (first, rows) = StepProduct.Strip(walk._active, walk._stripCount, strip);
                for (var gate = 0; gate < walk._gateCount; gate++)
                {
                    var panel = item * walk._gateCount + gate;
                    for (var block = 0; block < blocks; block++)
                    {
                        var (part, parts) = (gate * blocks + block, walk._gateCount * blocks);
                        walk.FetchCells(first, rows, part, parts, unit, walk._y);
                        walk.FetchNext(item, strip * parts + part, walk._stripCount * parts, walk._step + 1, walk._nextActive);
                        product.Multiply(block, rows, walk._units, walk._strips + strip * stripLength, walk._panels + panel * panelLength,
                            walk._bias == null ? null : walk._products + panel * walk._unitsPerItem, tile + gate * walk._unitsPerItem, wide);
                    }
                }
                for (var row = 0; row < rows; row++)
                {
                    if (row + RowsAhead < rows) walk.FetchOutput(first + row + RowsAhead, unit, walk._y);
                    walk.Apply(first + row, unit, units, tile + row * wide, walk._unitsPerItem);
                    if (first + row < walk._nextActive)
                        CopyUnits(walk._y + walk._steps.Row(first + row, walk._step) * walk._units + unit, next + (first + row) * walk._unitsPerItem, units);
                }
            }
            walk.Pack(next, walk._unitsPerItem, unit, units, walk._units);
        }
    }

    private readonly struct UnpackedStep(Walk<TCell> walk) : IParallelWork
    {
        public void Execute(int item)
        {
            var unit = item * walk._unitsPerItem;
            for (var p = 0; p < walk._active; p++) walk.Apply(p, unit, Math.Min(walk._unitsPerItem, walk._units - unit), walk._products + (nint)p * walk.GateRow + unit, walk._units);
        }
    }
}
