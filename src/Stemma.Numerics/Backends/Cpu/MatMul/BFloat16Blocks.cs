using Stemma.Numerics.Backends.Cpu.Emitted;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>The blocking of one bfloat16 matrix product: as <see cref="Blocks{TTiles,TRounding}"/>, but a call of a kernel covers a strip of rows and many panels.</summary>
internal unsafe struct BFloat16Blocks
{
    /// <summary>Most steps of k in a block.</summary>
    private const int MaxBlockDepth = 768;

    /// <summary>Columns of op(B) that strips walk over before the next columns: 768 × 320 bfloat16 stay in a second-level cache of 1 MiB.</summary>
    private const int BlockColumns = 320;

    /// <summary>Rows of op(A) that an item packs at a time.</summary>
    private const int ChunkRows = 112;

    /// <summary>Rows up to which all of op(A) is packed at once and op(B) is the streaming operand.</summary>
    private const int FlatRows = 288;

    /// <summary>Strips of op(A) that an item packs where its rows lie across them: alone, a strip would use part of every cache line, and a page for a few bytes.</summary>
    private const int StripsAcross = 8;

    /// <summary>Values below which packing them for all threads is quicker done by one.</summary>
    private const int PackForkThreshold = 1 << 14;

    /// <summary>Values of the operand that is packed for all threads at a time.</summary>
    private const int SharedCapacity = 1 << 21;

    /// <summary>Columns of C that are summed in float32 at a time where C is stored in bfloat16 and its sums take several blocks.</summary>
    private const int RoundedColumns = 1152;

    /// <summary>Panels that an item of few rows packs at a time, at most: beside op(A) they fit into a second-level cache together with what the next are packed from.</summary>
    private const int FlatPanels = 2;

    /// <summary>Values of op(A) that are packed at a time where rows are few: what every item reads stays in a second-level cache.</summary>
    private const int FlatCapacity = 1 << 18;

    /// <summary>Values added to each panel and row, so that they do not start a multiple of 4 KiB apart.</summary>
    private const int Padding = 32;

    private readonly StripKernels _kernels;
    private readonly MatMulArguments _m;
    private readonly int _blockDepth;
    private readonly int _blockCount;
    private ushort* _shared;
    private bool _flat;
    private int _rowItems;
    private int _columnsPerItem;
    private int _firstColumn;
    private int _columnCount;
    private int _firstBlock;
    private int _blocks;

    public BFloat16Blocks(StripKernels kernels, in MatMulArguments arguments)
    {
        (_kernels, _m) = (kernels, arguments);
        // An even cut, a function of the depth alone.
        var blocks = CeilingDivide(arguments.Depth, MaxBlockDepth);
        _blockDepth = RoundUp(CeilingDivide(arguments.Depth, blocks), BFloat16Packing.BlockDepth);
        _blockCount = CeilingDivide(arguments.Depth, _blockDepth);
    }

    private readonly bool RoundsC => _m.TypeC == DType.BFloat16;

    private readonly nint RowStride => _blockDepth + Padding;

    private readonly nint PanelStride => (nint)_blockDepth * StripArguments.PanelColumns + Padding;

    public void Run(WorkerPool? pool)
    {
        // Where C is rounded, its sums have to be complete when an item ends: all blocks of k at once.
        _flat = _m.Rows <= FlatRows && (_m.Rows <= _m.Columns || _m.Rows <= _kernels.Rows) && (!RoundsC || RoundUp(_m.Rows, 16) * RowStride * _blockCount <= SharedCapacity);
        if (_flat) RunFlat(pool);
        else RunTall(pool);
    }

    /// <summary>All of op(B), packed.</summary>
    public PackedPanels Pack(WorkerPool? pool)
    {
        var packed = new PackedPanels(PanelStride * CeilingDivide(_m.Columns, StripArguments.PanelColumns) * _blockCount * sizeof(ushort));
        _shared = (ushort*)packed.Pointer;
        (_columnCount, _blocks) = (_m.Columns, _blockCount);
        Spread(pool, _blocks * CeilingDivide(_columnCount, PackColumns), new PackWork(this));
        return packed;
    }

    private static int CeilingDivide(int a, int b) => (a + b - 1) / b;

    private static int RoundUp(int a, int b) => CeilingDivide(a, b) * b;

    /// <summary>The pool where packing so many values is worth a fork of its own.</summary>
    private static WorkerPool? ForPacking(WorkerPool? pool, long values) => values < PackForkThreshold ? null : pool;

    private static void Spread<TWork>(WorkerPool? pool, int items, TWork work) where TWork : struct, IParallelWork
    {
        if (pool != null)
        {
            pool.Run(items, work);
            return;
        }
        for (var i = 0; i < items; i++)
            work.Execute(i);
    }

    /// <summary>op(B) is packed for all, a stretch of columns and of k at a time; items are chunks of rows.</summary>
    private void RunTall(WorkerPool? pool)
    {
        var depthAtOnce = RoundsC ? _blockCount : 1;
        var columnsAtOnce = Math.Min(_m.Columns, Math.Max(1, SharedCapacity / (_blockDepth * depthAtOnce) / StripArguments.PanelColumns) * StripArguments.PanelColumns);
        var panels = CeilingDivide(columnsAtOnce, StripArguments.PanelColumns);
        var blocksAtOnce = Math.Clamp((int)(SharedCapacity / (PanelStride * panels)), depthAtOnce, _blockCount);
        _shared = (ushort*)Scratch.Take(ScratchSlot.SharedPanels, PanelStride * panels * blocksAtOnce / 2 + Padding);
        var threads = pool?.ThreadCount ?? 1;
        var strips = CeilingDivide(_m.Rows, _kernels.Rows);
        _rowItems = _m.TransposeA
            ? Math.Min(strips, RoundUp(Math.Max(threads * 2, CeilingDivide(strips, StripsAcross)), threads))
            : CeilingDivide(strips, Math.Clamp(strips / (threads * 16), 1, 8));
        for (_firstColumn = 0; _firstColumn < _m.Columns; _firstColumn += columnsAtOnce)
        {
            _columnCount = Math.Min(columnsAtOnce, _m.Columns - _firstColumn);
            // Few strips: cut the columns too, so that every thread has something to do.
            var enough = (_m.TransposeA ? 2 : 3) * threads;
            var cuts = threads == 1 || _rowItems >= enough ? 1 : Math.Min(CeilingDivide(enough, _rowItems), CeilingDivide(_columnCount, 4 * StripArguments.PanelColumns));
            _columnsPerItem = RoundUp(CeilingDivide(_columnCount, cuts), StripArguments.PanelColumns);
            for (_firstBlock = 0; _firstBlock < _blockCount; _firstBlock += blocksAtOnce)
            {
                _blocks = Math.Min(blocksAtOnce, _blockCount - _firstBlock);
                Spread(ForPacking(pool, (long)_columnCount * _blocks * _blockDepth), _blocks * CeilingDivide(_columnCount, PackColumns), new PackWork(this));
                Spread(pool, _rowItems * CeilingDivide(_columnCount, _columnsPerItem), new TallWork(this));
            }
        }
    }

    /// <summary>op(A) is packed for all, a stretch of k at a time; items are chunks of columns.</summary>
    private void RunFlat(WorkerPool? pool)
    {
        var rows = RoundUp(_m.Rows, 16);
        var blocksAtOnce = Math.Clamp((int)(FlatCapacity / (RowStride * rows)), RoundsC ? _blockCount : 1, _blockCount);
        _shared = (ushort*)Scratch.Take(ScratchSlot.SharedPanels, RowStride * rows * blocksAtOnce / 2 + Padding);
        var threads = pool?.ThreadCount ?? 1;
        var panels = CeilingDivide(_m.Columns, StripArguments.PanelColumns);
        _columnsPerItem = Math.Clamp(panels / (threads * 12), 1, FlatPanels) * StripArguments.PanelColumns;
        for (_firstBlock = 0; _firstBlock < _blockCount; _firstBlock += blocksAtOnce)
        {
            _blocks = Math.Min(blocksAtOnce, _blockCount - _firstBlock);
            Spread(ForPacking(pool, (long)rows * _blocks * _blockDepth), _blocks * CeilingDivide(rows, 16), new FlatPackWork(this));
            Spread(pool, CeilingDivide(_m.Columns, _columnsPerItem), new FlatWork(this));
        }
    }

    /// <summary>Columns per item of packing op(B): wide where rows are copied, so that whole cache lines are.</summary>
    private readonly int PackColumns => _m.TransposeB ? StripArguments.PanelColumns : 8 * StripArguments.PanelColumns;

    /// <summary>The first row of a chunk that is an item, or of the part of its columns that is one.</summary>
    private readonly int FirstRow(int rowItem) => Math.Min(_m.Rows, (int)((long)rowItem * CeilingDivide(_m.Rows, _kernels.Rows) / _rowItems) * _kernels.Rows);

    private readonly int DepthOf(int block) => Math.Min(_blockDepth, _m.Depth - block * _blockDepth);

    private readonly void PackB(int block, int column, int count, ushort* target)
    {
        var k = block * _blockDepth;
        var source = MatMulArguments.At(_m.B, _m.TypeB, _m.TransposeB ? column * _m.StrideB + k : k * _m.StrideB + column);
        if (_m.TypeB == DType.BFloat16)
            BFloat16Packing.Panels<BFloat16Source>(source, _m.StrideB, !_m.TransposeB, count, DepthOf(block), target, PanelStride);
        else
            BFloat16Packing.Panels<Float32Source>(source, _m.StrideB, !_m.TransposeB, count, DepthOf(block), target, PanelStride);
    }

    private readonly void PackA(int block, int row, int count, ushort* target)
    {
        var k = block * _blockDepth;
        var source = MatMulArguments.At(_m.A, _m.TypeA, _m.TransposeA ? k * _m.StrideA + row : row * _m.StrideA + k);
        if (_m.TypeA == DType.BFloat16)
            BFloat16Packing.Rows<BFloat16Source>(source, _m.StrideA, _m.TransposeA, count, DepthOf(block), target, RowStride);
        else
            BFloat16Packing.Rows<Float32Source>(source, _m.StrideA, _m.TransposeA, count, DepthOf(block), target, RowStride);
    }

    /// <summary>One block of k of some rows and neighbouring columns, strip by strip; of the last block the epilogue too.</summary>
    /// <param name="block">Which block.</param>
    /// <param name="firstRow">The first row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="column">The first column.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="a">The first row, packed.</param>
    /// <param name="b">The first panel.</param>
    /// <param name="c">The first row's first column.</param>
    /// <param name="strideC">Elements from one row of it to the next.</param>
    /// <param name="next">What is packed after this, to be asked for meanwhile: block and first column of op(B), or first row of op(A) where op(B) is packed for all; or a negative block.</param>
    private readonly void Compute(int block, int firstRow, int rows, int column, int columns, ushort* a, ushort* b, float* c, nint strideC, (int Block, int First) next)
    {
        var steps = CeilingDivide(DepthOf(block), _kernels.DepthStep);
        var (first, last) = _kernels.BiasStartsSum ? (0, -1) : (-1, _blockCount - 1);
        var bias = _m.Bias != null && (block == first || block == last) ? _m.Bias + column : null;
        var add = _m.Accumulate || block > 0;
        var epilogue = block == _blockCount - 1 ? _m.Epilogue : null;
        for (var row = 0; row < rows; row += _kernels.Rows)
        {
            var strip = Math.Min(_kernels.Rows, rows - row);
            _kernels.Compute(strip, columns, steps, a + row * RowStride, RowStride, b, PanelStride, c + row * strideC, strideC, bias, add,
                Ahead(next, row / _kernels.Rows, steps, CeilingDivide(columns, StripArguments.PanelColumns)), epilogue?.Ahead(firstRow + row, column, steps) ?? default);
            epilogue?.Apply(c + row * strideC, strideC, firstRow + row, strip, column, columns);
        }
    }

    /// <summary>The share of a strip in asking for what is packed next.</summary>
    private readonly StripAhead Ahead((int Block, int First) next, int strip, int steps, int panels) =>
        next.Block < 0 ? default : _flat ? PanelsAhead(next.Block, next.First, strip, steps) : RowsAhead(next.Block, next.First, strip, steps, panels);

    /// <summary>Panels of op(B): at each step two lines, of two rows of it, or side by side.</summary>
    /// <param name="block">Block of k of those panels.</param>
    /// <param name="column">Their first column.</param>
    /// <param name="strip">Number of the strip: sixteen, or eight, cover everything.</param>
    /// <param name="steps">Steps of k that the strip makes.</param>
    private readonly StripAhead PanelsAhead(int block, int column, int strip, int steps)
    {
        const int Columns = StripArguments.PanelColumns;
        var (size, k) = (_m.TypeB.Size(), block * _blockDepth);
        if (strip >= (_m.TransposeB ? Columns / 2 : _kernels.DepthStep)) return default;
        if (_m.TransposeB)
        {
            return new()
            {
                First = (byte*)MatMulArguments.At(_m.B, _m.TypeB, (column + 2 * strip) * _m.StrideB + k),
                Second = _m.StrideB * size,
                Step = _kernels.DepthStep * size,
                NextPanel = (Columns * _m.StrideB - steps * _kernels.DepthStep) * size,
            };
        }
        return new()
        {
            First = (byte*)MatMulArguments.At(_m.B, _m.TypeB, (k + strip * steps) * _m.StrideB + column),
            Second = Columns / 2 * size,
            Step = _m.StrideB * size,
            NextPanel = (Columns - steps * _m.StrideB) * size,
        };
    }

    /// <summary>Rows of op(A): where they lie across the strips a line of every step of k, spread evenly over the panels; where they lie along k two of the strip's own to a panel.</summary>
    /// <param name="block">Block of k of those rows.</param>
    /// <param name="row">The first.</param>
    /// <param name="strip">Number of the strip, and of the line.</param>
    /// <param name="steps">Steps of k that the strip makes in a panel.</param>
    /// <param name="panels">Panels that it meets.</param>
    private readonly StripAhead RowsAhead(int block, int row, int strip, int steps, int panels)
    {
        const int Line = 64;
        var (size, depth, k) = (_m.TypeA.Size(), DepthOf(block), block * _blockDepth);
        var stride = _m.StrideA * size;
        if (!_m.TransposeA)
        {
            var first = MatMulArguments.At(_m.A, _m.TypeA, (row + strip * _kernels.Rows) * _m.StrideA + k);
            return new() { First = (byte*)first, Second = stride, Step = _kernels.DepthStep * size, NextPanel = 2 * stride - steps * _kernels.DepthStep * size };
        }
        if (strip * Line >= ChunkRows * size + Line - 1) return default;
        var each = steps * panels < depth ? 2 : 1;
        return new()
        {
            First = (byte*)((nint)MatMulArguments.At(_m.A, _m.TypeA, k * _m.StrideA + row) & -Line) + strip * Line,
            Second = (each - 1) * stride,
            Step = each * stride,
            NextPanel = (depth / panels - each * steps) * stride,
        };
    }

    /// <summary>Where the sums of a part of C are made: in C itself, or where C is stored in bfloat16, in working memory that starts with what C holds.</summary>
    private readonly float* OpenC(int row, int rows, int column, int columns, out nint stride)
    {
        if (!RoundsC)
        {
            stride = _m.StrideC;
            return (float*)_m.C + row * stride + column;
        }
        stride = RoundUp(columns, 16) + 16;
        var sums = Scratch.Take(ScratchSlot.RoundedSums, rows * stride);
        for (var i = 0; _m.Accumulate && i < rows; i++)
            BFloat16Spans.Widen((BFloat16*)_m.C + (row + i) * _m.StrideC + column, sums + i * stride, columns);
        return sums;
    }

    private readonly struct PackWork(BFloat16Blocks plan) : IParallelWork
    {
        public void Execute(int item)
        {
            var groups = CeilingDivide(plan._columnCount, plan.PackColumns);
            var (block, column) = (item / groups, item % groups * plan.PackColumns);
            var panels = CeilingDivide(plan._columnCount, StripArguments.PanelColumns);
            plan.PackB(plan._firstBlock + block, plan._firstColumn + column, Math.Min(plan.PackColumns, plan._columnCount - column),
                plan._shared + (block * panels + column / StripArguments.PanelColumns) * plan.PanelStride);
        }
    }

    private readonly struct FlatPackWork(BFloat16Blocks plan) : IParallelWork
    {
        public void Execute(int item)
        {
            var groups = CeilingDivide(plan._m.Rows, 16);
            var (block, row) = (item / groups, item % groups * 16);
            plan.PackA(plan._firstBlock + block, row, Math.Min(16, plan._m.Rows - row), plan._shared + ((nint)block * groups * 16 + row) * plan.RowStride);
        }
    }

    private readonly struct TallWork(BFloat16Blocks plan) : IParallelWork
    {
        public void Execute(int item)
        {
            var columnItems = CeilingDivide(plan._columnCount, plan._columnsPerItem);
            var (firstRow, endRow) = (plan.FirstRow(item / columnItems), plan.FirstRow(item / columnItems + 1));
            var firstColumn = item % columnItems * plan._columnsPerItem;
            var endColumn = Math.Min(plan._columnCount, firstColumn + plan._columnsPerItem);
            var chunk = CeilingDivide(ChunkRows, plan._kernels.Rows) * plan._kernels.Rows;
            var panels = CeilingDivide(plan._columnCount, StripArguments.PanelColumns);
            var own = (ushort*)Scratch.Take(ScratchSlot.OwnPanels, RoundUp(chunk, 16) * plan.RowStride / 2 + Padding);
            var width = plan.RoundsC && plan._blockCount > 1 ? RoundedColumns : endColumn - firstColumn;
            var nextItemRow = plan.FirstRow((item + 1) / columnItems);
            for (var row = firstRow; row < endRow; row += chunk)
            {
                var rows = Math.Min(chunk, endRow - row);
                var nextRow = row + chunk < endRow ? row + chunk : nextItemRow;
                var packed = -1;
                for (var start = firstColumn; start < endColumn; start += width)
                {
                    var end = Math.Min(endColumn, start + width);
                    var stretch = RoundUp(CeilingDivide(end - start, CeilingDivide(end - start, BlockColumns)), StripArguments.PanelColumns);
                    var sums = plan.OpenC(row, rows, plan._firstColumn + start, end - start, out var stride);
                    for (var index = 0; index < plan._blocks; index++)
                    {
                        var block = plan._firstBlock + index;
                        if (packed != block) plan.PackA(block, row, rows, own);
                        packed = block;
                        var next = index + 1 < plan._blocks ? (block + 1, row) : nextRow < plan._m.Rows ? (plan._firstBlock, nextRow) : (-1, 0);
                        for (var column = start; column < end; column += stretch)
                            plan.Compute(block, row, rows, plan._firstColumn + column, Math.Min(stretch, end - column), own,
                                plan._shared + (index * panels + column / StripArguments.PanelColumns) * plan.PanelStride, sums + (column - start), stride, column + stretch < end ? (-1, 0) : next);
                    }
                }
            }
        }
    }

    private readonly struct FlatWork(BFloat16Blocks plan) : IParallelWork
    {
        public void Execute(int item)
        {
            var column = item * plan._columnsPerItem;
            var columns = Math.Min(plan._columnsPerItem, plan._m.Columns - column);
            var rows = plan._m.Rows;
            var own = (ushort*)Scratch.Take(ScratchSlot.OwnPanels, plan.PanelStride * CeilingDivide(plan._columnsPerItem, StripArguments.PanelColumns) / 2 + Padding);
            var sums = plan.OpenC(0, rows, column, columns, out var stride);
            for (var index = 0; index < plan._blocks; index++)
            {
                var block = plan._firstBlock + index;
                var b = own;
                if (plan._m.PackedB != null)
                    b = (ushort*)plan._m.PackedB + ((nint)block * CeilingDivide(plan._m.Columns, StripArguments.PanelColumns) + column / StripArguments.PanelColumns) * plan.PanelStride;
                else
                    plan.PackB(block, column, columns, own);
                var next = plan._m.PackedB != null ? (-1, 0)
                    : index + 1 < plan._blocks ? (block + 1, column)
                    : column + columns < plan._m.Columns ? (plan._firstBlock, column + columns) : (plan._firstBlock + plan._blocks < plan._blockCount ? plan._firstBlock + plan._blocks : -1, 0);
                plan.Compute(block, 0, rows, column, columns, plan._shared + (nint)index * RoundUp(rows, 16) * plan.RowStride, b, sums, stride, next);
            }
        }
    }
}
