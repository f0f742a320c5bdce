using System.Runtime.CompilerServices;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>The blocking of one matrix product over one tile set and rounding.</summary>
internal static unsafe class Blocks<TTiles, TRounding>
    where TTiles : struct, ITileSet
    where TRounding : struct, IRounding
{
    /// <summary>Most steps of k in a block: a panel of op(A) stays in the first-level cache beside the lines of op(B) that stream past it.</summary>
    private const int MaxBlockDepth = 384;

    /// <summary>Columns of op(B) that one thread walks over before it moves down: 384 × 480 floats stay in a second-level cache of 1 MiB.</summary>
    private const int BlockColumns = 480;

    /// <summary>Rows up to which all of op(A) is packed at once and op(B) is the streaming operand.</summary>
    private const int FlatRows = 288;

    /// <summary>Values of op(A), read in place, up to which op(B) is the streaming operand: they stay in a second-level cache beside a few panels of op(B).</summary>
    private const int FlatCapacity = 1 << 16;

    /// <summary>Strips of op(A) packed at a time where its rows lie across them: alone, a strip would use 56 bytes of every cache line.</summary>
    private static int StripsAcross => Math.Max(8, TTiles.StripsAtOnce);

    /// <summary>Values below which packing them for all threads is quicker done by one.</summary>
    private const int PackForkThreshold = 1 << 14;

    /// <summary>Floats of the operand that is packed for all threads at a time.</summary>
    private const int SharedCapacity = 1 << 20;

    /// <summary>Elements added to each panel, so that panels do not start a multiple of 4 KiB apart, and a last store may overrun.</summary>
    private const int PanelPadding = 32;

    public static void Run(WorkerPool? pool, in MatMulArguments arguments)
    {
        var plan = new Plan(arguments, BlockDepth(arguments.Depth));
        if (arguments.PackedB != null && arguments.Rows <= FlatRows)
            RunFlat(pool, plan);
        else if (arguments.TransposeB && arguments.Rows <= TTiles.UnpackedRows && arguments.Columns >= TTiles.UnpackedColumns && (!arguments.TransposeA || arguments.Rows == 1))
            RunUnpacked(pool, plan);
        else if (TTiles.AddsRows && TRounding.IsIdentity && arguments.Rows == 1 && !arguments.TransposeB)
            RunRow(pool, plan);
        else if (arguments.Rows <= FlatRows && (arguments.Rows <= arguments.Columns || arguments.Rows <= TTiles.Rows))
            RunFlat(pool, plan);
        else if (TTiles.StripsAtOnce > 1 && ReadsInPlace(arguments) && arguments.Rows <= arguments.Columns && (long)arguments.Rows * arguments.Depth <= FlatCapacity)
            RunFlat(pool, plan);
        else
            RunTall(pool, plan);
    }

    /// <summary>All of op(B), packed.</summary>
    public static PackedPanels Pack(WorkerPool? pool, in MatMulArguments arguments)
    {
        var plan = new Plan(arguments, BlockDepth(arguments.Depth)) { ColumnCount = arguments.Columns };
        plan.PanelStride = PanelStride(plan.BlockDepth);
        plan.Blocks = plan.BlockCount;
        var packed = new PackedPanels((plan.PanelStride * CeilingDivide(plan.Columns, TTiles.Columns) * plan.BlockCount + PanelPadding) * sizeof(float));
        plan.Shared = (float*)packed.Pointer;
        Spread(pool, plan.Blocks * CeilingDivide(plan.ColumnCount, plan.PackColumns), new PackB(plan));
        return packed;
    }

    /// <summary>Elements from one panel of op(B) to the next.</summary>
    private static nint PanelStride(int blockDepth) => (nint)blockDepth * TTiles.Columns + PanelPadding;

    /// <summary>Steps of k in each block but the last: an even cut, a function of the depth alone.</summary>
    private static int BlockDepth(int depth)
    {
        var blocks = (depth + MaxBlockDepth - 1) / MaxBlockDepth;
        return ((depth + blocks - 1) / blocks + 15) / 16 * 16;
    }

    private static int CeilingDivide(int a, int b) => (a + b - 1) / b;

    private static int RoundUp(int count, int step) => CeilingDivide(count, step) * step;

    /// <summary>op(B) is packed for all, a stretch of columns and of k at a time; items are chunks of rows.</summary>
    private static void RunTall(WorkerPool? pool, Plan plan)
    {
        var columnsAtOnce = Math.Min(plan.Columns, Math.Max(1, SharedCapacity / plan.BlockDepth / TTiles.Columns) * TTiles.Columns);
        var panels = CeilingDivide(columnsAtOnce, TTiles.Columns);
        var blocksAtOnce = Math.Clamp(SharedCapacity / (plan.BlockDepth * panels * TTiles.Columns), 1, plan.BlockCount);
        plan.PanelStride = PanelStride(plan.BlockDepth);
        plan.Shared = Scratch.Take(ScratchSlot.SharedPanels, plan.PanelStride * panels * blocksAtOnce + PanelPadding);
        var threads = pool?.ThreadCount ?? 1;
        var strips = CeilingDivide(plan.Rows, TTiles.Rows);
        // As many items for each thread, of as many strips to within one: an item left over would keep one thread busy and the others waiting.
        // Where rows of op(A) lie across its strips, few and wide items: each packs whole cache lines.
        var (least, most) = plan.Arguments.TransposeA ? (2, StripsAcross) : (6, 32);
        plan.RowItems = Math.Min(strips, RoundUp(Math.Max(threads * least, CeilingDivide(strips, most)), threads));
        for (plan.FirstColumn = 0; plan.FirstColumn < plan.Columns; plan.FirstColumn += columnsAtOnce)
        {
            plan.ColumnCount = Math.Min(columnsAtOnce, plan.Columns - plan.FirstColumn);
            // Few strips: cut the columns too, so that every thread has something to do.
            var enough = Math.Min(3, least) * threads;
            var cuts = threads == 1 || plan.RowItems >= enough ? 1 : Math.Min(CeilingDivide(enough, plan.RowItems), CeilingDivide(plan.ColumnCount, 4 * TTiles.Columns));
            plan.ColumnsPerItem = CeilingDivide(CeilingDivide(plan.ColumnCount, TTiles.Columns), cuts) * TTiles.Columns;
            for (plan.FirstBlock = 0; plan.FirstBlock < plan.BlockCount; plan.FirstBlock += blocksAtOnce)
            {
                plan.Blocks = Math.Min(blocksAtOnce, plan.BlockCount - plan.FirstBlock);
                Spread(ForPacking(pool, (long)plan.ColumnCount * plan.Blocks * plan.BlockDepth), plan.Blocks * CeilingDivide(plan.ColumnCount, plan.PackColumns), new PackB(plan));
                Spread(pool, plan.RowItems * CeilingDivide(plan.ColumnCount, plan.ColumnsPerItem), new TallWork(plan));
            }
        }
    }

    /// <summary>op(A) is packed for all, a stretch of k at a time; items are chunks of columns.</summary>
    private static void RunFlat(WorkerPool? pool, Plan plan)
    {
        var strips = CeilingDivide(plan.Rows, TTiles.Rows);
        var blocksAtOnce = Math.Clamp(SharedCapacity / (plan.BlockDepth * strips * TTiles.Rows), 1, plan.BlockCount);
        plan.PanelStride = (nint)plan.BlockDepth * TTiles.Rows + PanelPadding;
        // A strip that meets many panels is packed where the tile is high: so many rows fall upon the same lines of the first-level cache.
        var readsInPlace = ReadsInPlace(plan.Arguments) && (TTiles.StripsAtOnce > 1 || (plan.Columns <= 4 * TTiles.Columns && (long)plan.Rows * plan.Arguments.Depth <= FlatCapacity));
        plan.DirectA = readsInPlace || (TRounding.IsIdentity && (plan.Rows == 1 || (plan.Arguments.TransposeA && plan.Columns <= 4 * TTiles.Columns && plan.Rows <= 4 * TTiles.Rows)));
        plan.DirectB = TRounding.IsIdentity && !plan.Arguments.TransposeB && strips <= 5 && plan.Arguments.PackedB == null;
        if (!plan.DirectA)
            plan.Shared = Scratch.Take(ScratchSlot.SharedPanels, plan.PanelStride * strips * blocksAtOnce + PanelPadding);
        var threads = pool?.ThreadCount ?? 1;
        var panels = CeilingDivide(plan.Columns, TTiles.Columns);
        plan.ColumnsPerItem = Math.Clamp(panels / (threads * 4), 1, strips == 1 ? 1 : 8) * TTiles.Columns;
        for (plan.FirstBlock = 0; plan.FirstBlock < plan.BlockCount; plan.FirstBlock += blocksAtOnce)
        {
            plan.Blocks = Math.Min(blocksAtOnce, plan.BlockCount - plan.FirstBlock);
            if (!plan.DirectA)
                Spread(ForPacking(pool, (long)plan.Rows * plan.Blocks * plan.BlockDepth), plan.Blocks * strips, new PackA(plan));
            Spread(pool, CeilingDivide(plan.Columns, plan.ColumnsPerItem), new FlatWork(plan));
        }
    }

    /// <summary>A few rows: op(B) is read once, as it is stored.</summary>
    private static void RunUnpacked(WorkerPool? pool, Plan plan)
    {
        ref readonly var m = ref plan.Arguments;
        var stepA = m.TransposeA ? m.StrideA : 1;
        if (TRounding.IsIdentity && stepA == 1)
        {
            plan.Shared = (float*)m.A;
            plan.PanelStride = m.StrideA;
        }
        else
        {
            plan.Shared = Scratch.Take(ScratchSlot.SharedPanels, (nint)m.Rows * m.Depth);
            plan.PanelStride = m.Depth;
            for (var row = 0; row < m.Rows; row++)
                for (var k = 0; k < m.Depth; k++)
                    plan.Shared[row * plan.PanelStride + k] = TRounding.Apply(((float*)m.A)[row * m.StrideA + k * stepA]);
        }
        var threads = pool?.ThreadCount ?? 1;
        plan.ColumnsPerItem = Math.Max(1, m.Columns / (TTiles.UnpackedColumns * threads * 8)) * TTiles.UnpackedColumns;
        Spread(pool, CeilingDivide(m.Columns, plan.ColumnsPerItem), new UnpackedWork(plan));
    }

    /// <summary>One row: op(B) is read once, along its rows.</summary>
    private static void RunRow(WorkerPool? pool, Plan plan)
    {
        // Long pieces of rows are read at the speed of memory; their sums stay in the first-level cache.
        var items = RoundUp(CeilingDivide(plan.Columns, 2048), pool?.ThreadCount ?? 1);
        plan.ColumnsPerItem = RoundUp(CeilingDivide(plan.Columns, items), 16);
        Spread(pool, CeilingDivide(plan.Columns, plan.ColumnsPerItem), new RowWork(plan));
    }

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

    /// <summary>
    /// Whether tiles take rows of op(A) as they are stored. Rows a multiple of a page apart fall upon the same few lines of a cache and would
    /// drive each other out of it: those are packed.
    /// </summary>
    private static bool ReadsInPlace(in MatMulArguments m) => TTiles.ReadsInPlace && TRounding.IsIdentity && !m.TransposeA && m.StrideA * sizeof(float) % 4096 != 0;

    private static void PackColumns(in MatMulArguments m, int k, int depth, int column, int count, float* target, nint panelStride)
    {
        if (m.TransposeB)
            TTiles.PackLines<TRounding>((float*)m.B + column * m.StrideB + k, m.StrideB, count, depth, target, panelStride, TTiles.Columns);
        else
            TTiles.PackSteps<TRounding>((float*)m.B + k * m.StrideB + column, m.StrideB, count, depth, target, panelStride, TTiles.Columns);
    }

    private static void PackRows(in MatMulArguments m, int k, int depth, int row, int count, float* target, nint panelStride)
    {
        if (m.TransposeA)
            TTiles.PackSteps<TRounding>((float*)m.A + k * m.StrideA + row, m.StrideA, count, depth, target, panelStride, TTiles.Rows);
        else
            TTiles.PackLines<TRounding>((float*)m.A + row * m.StrideA + k, m.StrideA, count, depth, target, panelStride, TTiles.Rows);
    }

    /// <summary>One product, how it is cut, and the stretch of it that is under way.</summary>
    private struct Plan(MatMulArguments arguments, int blockDepth)
    {
        public readonly MatMulArguments Arguments = arguments;
        public readonly int BlockDepth = blockDepth;
        public readonly int BlockCount = CeilingDivide(arguments.Depth, blockDepth);
        public float* Shared;
        public nint PanelStride;
        public int RowItems;
        public int ColumnsPerItem;
        public int FirstColumn;
        public int ColumnCount;
        public int FirstBlock;
        public int Blocks;
        public bool DirectA;
        public bool DirectB;

        public readonly int Rows => Arguments.Rows;

        public readonly int Columns => Arguments.Columns;

        /// <summary>Columns per item of packing op(B): wide where rows are copied, so that whole cache lines are.</summary>
        public readonly int PackColumns => Arguments.TransposeB ? TTiles.Columns : 8 * TTiles.Columns;

        /// <summary>Steps of k in a block.</summary>
        public readonly int DepthOf(int block) => Math.Min(BlockDepth, Arguments.Depth - block * BlockDepth);

        public readonly bool Adds(int block) => Arguments.Accumulate || block > 0;

        public readonly float* BiasOf(int block, int column) => Arguments.Bias != null && block == BlockCount - 1 ? Arguments.Bias + column : null;

        /// <summary>Hands a part of C to the epilogue where the block was the last one and its sums are complete.</summary>
        public readonly void Finish(int block, int row, int rows, int column, int columns)
        {
            if (Arguments.Epilogue is { } epilogue && block == BlockCount - 1)
                epilogue.Apply((float*)Arguments.C + row * Arguments.StrideC + column, Arguments.StrideC, row, rows, column, columns);
        }
    }

    private readonly struct PackB(Plan plan) : IParallelWork
    {
        public void Execute(int item)
        {
            var groups = CeilingDivide(plan.ColumnCount, plan.PackColumns);
            var block = item / groups;
            var column = item % groups * plan.PackColumns;
            var panels = CeilingDivide(plan.ColumnCount, TTiles.Columns);
            var target = plan.Shared + (block * panels + column / TTiles.Columns) * plan.PanelStride;
            PackColumns(plan.Arguments, (plan.FirstBlock + block) * plan.BlockDepth, plan.DepthOf(plan.FirstBlock + block), plan.FirstColumn + column,
                Math.Min(plan.PackColumns, plan.ColumnCount - column), target, plan.PanelStride);
        }
    }

    private readonly struct PackA(Plan plan) : IParallelWork
    {
        public void Execute(int item)
        {
            var strips = CeilingDivide(plan.Rows, TTiles.Rows);
            var block = plan.FirstBlock + item / strips;
            var row = item % strips * TTiles.Rows;
            PackRows(plan.Arguments, block * plan.BlockDepth, plan.DepthOf(block), row, Math.Min(TTiles.Rows, plan.Rows - row), plan.Shared + item * plan.PanelStride, plan.PanelStride);
        }
    }

    private readonly struct TallWork(Plan plan) : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            var columnItems = CeilingDivide(plan.ColumnCount, plan.ColumnsPerItem);
            var strips = CeilingDivide(plan.Rows, TTiles.Rows);
            var (rowItem, columnItem) = (item / columnItems, item % columnItems);
            var firstRow = (int)((long)rowItem * strips / plan.RowItems) * TTiles.Rows;
            var endRow = Math.Min(plan.Rows, (int)((long)(rowItem + 1) * strips / plan.RowItems) * TTiles.Rows);
            var firstColumn = columnItem * plan.ColumnsPerItem;
            var endColumn = Math.Min(plan.ColumnCount, firstColumn + plan.ColumnsPerItem);
            if (TTiles.StripsAtOnce > 1)
                PanelByPanel(firstRow, endRow, firstColumn, endColumn);
            else
                StripByStrip(firstRow, endRow, firstColumn, endColumn);
        }

        /// <summary>A panel of op(B) stays in the first-level cache while strips of op(A) stream past it: for tiles that are wide and low.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void PanelByPanel(int firstRow, int endRow, int firstColumn, int endColumn)
        {
            ref readonly var m = ref plan.Arguments;
            var panels = CeilingDivide(plan.ColumnCount, TTiles.Columns);
            var step = TTiles.StripsAtOnce * TTiles.Rows;
            var ownStride = (nint)plan.BlockDepth * TTiles.Rows + PanelPadding;
            var inPlace = ReadsInPlace(m);
            var own = inPlace ? null : Scratch.Take(ScratchSlot.OwnPanels, ownStride * TTiles.StripsAtOnce + PanelPadding);
            var aRow = inPlace ? m.StrideA : 1;
            var aStep = inPlace ? 1 : TTiles.Rows;
            var nextStrip = inPlace ? TTiles.Rows * m.StrideA : ownStride;
            for (var row = firstRow; row < endRow; row += step)
            {
                var count = Math.Min(step, endRow - row);
                for (var index = 0; index < plan.Blocks; index++)
                {
                    var block = plan.FirstBlock + index;
                    var depth = plan.DepthOf(block);
                    var k = block * plan.BlockDepth;
                    if (!inPlace)
                        PackRows(m, k, depth, row, count, own, ownStride);
                    var first = inPlace ? (float*)m.A + row * m.StrideA + k : own;
                    for (var column = firstColumn; column < endColumn; column += BlockColumns)
                    {
                        var columnEnd = Math.Min(endColumn, column + BlockColumns);
                        for (var j = column; j < columnEnd; j += TTiles.Columns)
                        {
                            var b = plan.Shared + (index * panels + j / TTiles.Columns) * plan.PanelStride;
                            var c = (float*)m.C + row * m.StrideC + plan.FirstColumn + j;
                            var a = first;
                            for (var strip = 0; strip < count; strip += TTiles.Rows, a += nextStrip, c += TTiles.Rows * m.StrideC)
                            {
                                TTiles.Compute(Math.Min(TTiles.Rows, count - strip), Math.Min(TTiles.Columns, columnEnd - j), depth, a, aRow, aStep, b, TTiles.Columns,
                                    c, m.StrideC, plan.BiasOf(block, plan.FirstColumn + j), plan.Adds(block));
                            }
                        }
                        plan.Finish(block, row, count, plan.FirstColumn + column, columnEnd - column);
                    }
                }
            }
        }

        /// <summary>A strip of op(A) stays in the first-level cache while panels of op(B) stream past it from the second-level cache.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void StripByStrip(int firstRow, int endRow, int firstColumn, int endColumn)
        {
            ref readonly var m = ref plan.Arguments;
            var panels = CeilingDivide(plan.ColumnCount, TTiles.Columns);
            var step = (m.TransposeA ? StripsAcross : 1) * TTiles.Rows;
            var ownStride = (nint)plan.BlockDepth * TTiles.Rows + PanelPadding;
            var own = Scratch.Take(ScratchSlot.OwnPanels, ownStride * StripsAcross + PanelPadding);
            for (var column = firstColumn; column < endColumn; column += BlockColumns)
            {
                var columnEnd = Math.Min(endColumn, column + BlockColumns);
                for (var index = 0; index < plan.Blocks; index++)
                {
                    var block = plan.FirstBlock + index;
                    var depth = plan.DepthOf(block);
                    for (var row = firstRow; row < endRow; row += step)
                    {
                        var count = Math.Min(step, endRow - row);
                        PackRows(m, block * plan.BlockDepth, depth, row, count, own, ownStride);
                        for (var strip = 0; strip < count; strip += TTiles.Rows)
                        {
                            var a = own + strip / TTiles.Rows * ownStride;
                            var c = (float*)m.C + (row + strip) * m.StrideC + plan.FirstColumn;
                            for (var j = column; j < columnEnd; j += TTiles.Columns)
                            {
                                var b = plan.Shared + (index * panels + j / TTiles.Columns) * plan.PanelStride;
                                TTiles.Compute(Math.Min(TTiles.Rows, count - strip), Math.Min(TTiles.Columns, columnEnd - j), depth, a, 1, TTiles.Rows, b, TTiles.Columns,
                                    c + j, m.StrideC, plan.BiasOf(block, plan.FirstColumn + j), plan.Adds(block));
                            }
                            plan.Finish(block, row + strip, Math.Min(TTiles.Rows, count - strip), plan.FirstColumn + column, columnEnd - column);
                        }
                    }
                }
            }
        }
    }

    private readonly struct FlatWork(Plan plan) : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            ref readonly var m = ref plan.Arguments;
            var firstColumn = item * plan.ColumnsPerItem;
            var columns = Math.Min(plan.ColumnsPerItem, plan.Columns - firstColumn);
            var strips = CeilingDivide(plan.Rows, TTiles.Rows);
            var ownStride = PanelStride(plan.BlockDepth);
            var own = Scratch.Take(ScratchSlot.OwnPanels, ownStride * CeilingDivide(plan.ColumnsPerItem, TTiles.Columns) + PanelPadding);
            for (var index = 0; index < plan.Blocks; index++)
            {
                var block = plan.FirstBlock + index;
                var k = block * plan.BlockDepth;
                var depth = plan.DepthOf(block);
                // A panel that ends inside a vector is packed even so: its vectors may not be read beyond the matrix.
                var direct = plan.DirectB ? columns / TTiles.Columns * TTiles.Columns : 0;
                var panels = own;
                if (m.PackedB != null)
                    panels = (float*)m.PackedB + (block * CeilingDivide(plan.Columns, TTiles.Columns) + firstColumn / TTiles.Columns) * ownStride;
                else if (direct < columns)
                    PackColumns(m, k, depth, firstColumn + direct, columns - direct, own + direct / TTiles.Columns * ownStride, ownStride);
                for (var strip = 0; strip < strips; strip++)
                {
                    var row = strip * TTiles.Rows;
                    var a = !plan.DirectA ? plan.Shared + (index * strips + strip) * plan.PanelStride
                        : m.TransposeA ? (float*)m.A + k * m.StrideA + row : (float*)m.A + row * m.StrideA + k;
                    var aRow = plan.DirectA && !m.TransposeA ? m.StrideA : 1;
                    var aStep = !plan.DirectA ? TTiles.Rows : m.TransposeA ? m.StrideA : 1;
                    var c = (float*)m.C + row * m.StrideC + firstColumn;
                    for (var j = 0; j < columns; j += TTiles.Columns)
                    {
                        var b = j < direct ? (float*)m.B + k * m.StrideB + firstColumn + j : panels + j / TTiles.Columns * ownStride;
                        var bStep = j < direct ? m.StrideB : TTiles.Columns;
                        TTiles.Compute(Math.Min(TTiles.Rows, plan.Rows - row), Math.Min(TTiles.Columns, columns - j), depth, a, aRow, aStep, b, bStep,
                            c + j, m.StrideC, plan.BiasOf(block, firstColumn + j), plan.Adds(block));
                    }
                    plan.Finish(block, row, Math.Min(TTiles.Rows, plan.Rows - row), firstColumn, columns);
                }
            }
        }
    }

    private readonly struct RowWork(Plan plan) : IParallelWork
    {
        public void Execute(int item)
        {
            ref readonly var m = ref plan.Arguments;
            var column = item * plan.ColumnsPerItem;
            var columns = Math.Min(plan.ColumnsPerItem, plan.Columns - column);
            var sums = Scratch.Take(ScratchSlot.OwnPanels, columns);
            var aStep = m.TransposeA ? m.StrideA : 1;
            for (var block = 0; block < plan.BlockCount; block++)
            {
                var k = block * plan.BlockDepth;
                new Span<float>(sums, columns).Clear();
                TTiles.AddRow(columns, plan.DepthOf(block), (float*)m.A + k * aStep, aStep, (float*)m.B + k * m.StrideB + column, m.StrideB, sums);
                TileEdge.Merge(1, columns, sums, columns, (float*)m.C + column, m.StrideC, plan.BiasOf(block, column), plan.Adds(block));
            }
            plan.Finish(plan.BlockCount - 1, 0, 1, column, columns);
        }
    }

    private readonly struct UnpackedWork(Plan plan) : IParallelWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute(int item)
        {
            ref readonly var m = ref plan.Arguments;
            var last = Math.Min(m.Columns, (item + 1) * plan.ColumnsPerItem);
            var tile = stackalloc float[TTiles.UnpackedRows * TTiles.UnpackedColumns];
            for (var column = item * plan.ColumnsPerItem; column < last; column += TTiles.UnpackedColumns)
            {
                var columns = Math.Min(TTiles.UnpackedColumns, last - column);
                // Where fewer columns are left than a step takes, the step begins earlier and only its last columns are kept.
                var skipped = TTiles.UnpackedColumns - columns;
                var c = (float*)m.C + column;
                for (var block = 0; block < plan.BlockCount; block++)
                {
                    var k = block * plan.BlockDepth;
                    var b = (float*)m.B + (column - skipped) * m.StrideB + k;
                    if (skipped == 0)
                    {
                        TTiles.ComputeUnpacked<TRounding>(m.Rows, plan.DepthOf(block), plan.Shared + k, plan.PanelStride, b, m.StrideB, c, m.StrideC, plan.BiasOf(block, column), plan.Adds(block));
                        continue;
                    }
                    TTiles.ComputeUnpacked<TRounding>(m.Rows, plan.DepthOf(block), plan.Shared + k, plan.PanelStride, b, m.StrideB, tile, TTiles.UnpackedColumns, null, false);
                    TileEdge.Merge(m.Rows, columns, tile + skipped, TTiles.UnpackedColumns, c, m.StrideC, plan.BiasOf(block, column), plan.Adds(block));
                }
                plan.Finish(plan.BlockCount - 1, 0, m.Rows, column, columns);
            }
        }
    }
}
