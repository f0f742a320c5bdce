using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>A persistent fork/join pool. The caller works too; the other threads spin for a moment after each run and then park.</summary>
/// <remarks>
/// <para>Each thread has a share of a run's items, always the same part of them, so that successive runs over the same rows find them in
/// the same core's cache. Items are claimed one at a time, and who is done with its own share goes on with the others', because one core may be slower than another. A run ends when all its
/// items are done, whether or not every thread woke up in time to take one. Nothing is allocated per run.</para>
/// <para>A share is one 64-bit word, [run number : 32 | next item : 32]. A thread reads the word, then the job's fields, then
/// claims an item by compare-and-swap; the swap fails unless the job it has read is still the current one, since all
/// words are closed before the fields change. The number of the run is published when all words are open.</para>
/// </remarks>
internal sealed unsafe class WorkerPool : IDisposable
{
    /// <summary>The most threads a pool may have.</summary>
    public const int MaxThreadCount = 64;

    private const uint Closed = uint.MaxValue;

    /// <summary>Words from one share to the next: two cache lines, because lines are fetched in pairs.</summary>
    private const int ShareStride = 16;

    private static readonly long SpinTicks = Stopwatch.Frequency / 12_500;    // 80 µs
    [ThreadStatic] private static bool _insideRun;

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _wake;
    private readonly bool _spin;
    private readonly ulong[] _shares;
    private Shared _shared;
    private delegate*<void*, int, void> _invoke;
    private void* _job;
    private int _itemCount;
    private Exception? _error;
    private volatile bool _stop;

    /// <summary>Starts a pool of <paramref name="threadCount"/> threads, the caller of <see cref="Run{TWork}"/> included.</summary>
    /// <param name="threadCount">1 to <see cref="MaxThreadCount"/>; more than there are processors works, but gains nothing.</param>
    public WorkerPool(int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threadCount, MaxThreadCount);
        ThreadCount = threadCount;
        _spin = threadCount <= Environment.ProcessorCount;
        _shares = GC.AllocateArray<ulong>((threadCount + 1) * ShareStride, pinned: true);
        for (var i = 0; i < threadCount; i++) Share(i) = Closed;
        _threads = new Thread[threadCount - 1];
        _wake = new SemaphoreSlim[threadCount - 1];
        for (var i = 0; i < _threads.Length; i++)
        {
            var index = i;
            _wake[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Work(index)) { IsBackground = true, Name = $"Stemma worker {i + 1}" };
        }
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>Threads that share a run's items, the caller included.</summary>
    public int ThreadCount { get; }

    /// <summary>Runs <paramref name="work"/> for every item in [0, <paramref name="itemCount"/>) and returns when all are done.</summary>
    /// <remarks>Called from inside an item, or while another thread has a run going, it runs all items inline on the calling thread.</remarks>
    /// <exception cref="Exception">The first exception that an item threw, after the others have ended.</exception>
    public void Run<TWork>(int itemCount, TWork work) where TWork : struct, IParallelWork
    {
        ArgumentOutOfRangeException.ThrowIfNegative(itemCount);
        ObjectDisposedException.ThrowIf(_stop, this);
        if (itemCount <= 1 || _threads.Length == 0 || _insideRun || Interlocked.CompareExchange(ref _shared.Busy, 1, 0) != 0)
        {
            for (var i = 0; i < itemCount; i++)
                work.Execute(i);
            return;
        }
        _insideRun = true;
        try
        {
            // The job stays on this stack frame, which outlives the run: no item can be claimed once the run is over.
            Publish(&Invoke<TWork>, Unsafe.AsPointer(ref work), itemCount);
            Drain(0, _shared.Run);
            AwaitLastItems();
        }
        finally
        {
            _insideRun = false;
        }
        var error = _error;
        _error = null;
        Volatile.Write(ref _shared.Busy, 0);
        if (error != null)
            ExceptionDispatchInfo.Throw(error);
    }

    /// <summary>Runs <paramref name="body"/> for every item; see <see cref="Run{TWork}"/>.</summary>
    public void Run(int itemCount, Action<int> body) => Run(itemCount, new DelegateWork(body));

    /// <summary>Stops and joins the threads. Not to be called during a run.</summary>
    public void Dispose()
    {
        if (_stop)
            return;
        _stop = true;
        foreach (var semaphore in _wake)
            semaphore.Release();
        foreach (var thread in _threads)
            thread.Join();
        foreach (var semaphore in _wake)
            semaphore.Dispose();
    }

    private static void Invoke<TWork>(void* job, int item) where TWork : struct, IParallelWork => Unsafe.AsRef<TWork>(job).Execute(item);

    private ref ulong Share(int thread) => ref _shares[(thread + 1) * ShareStride];

    private void Publish(delegate*<void*, int, void> invoke, void* job, int itemCount)
    {
        var run = _shared.Run + 1;
        for (var i = 0; i < ThreadCount; i++)
            Volatile.Write(ref Share(i), (ulong)(run - 1) << 32 | Closed);
        Interlocked.MemoryBarrier();
        _invoke = invoke;
        _job = job;
        _itemCount = itemCount;
        Volatile.Write(ref _shared.Remaining, itemCount);
        for (var i = 0; i < ThreadCount; i++)
            Volatile.Write(ref Share(i), (ulong)run << 32);
        Interlocked.Exchange(ref _shared.Run, run);
        var wanted = Math.Min(itemCount - 1, _threads.Length);
        for (ulong parked; wanted > 0 && (parked = Volatile.Read(ref _shared.Parked)) != 0;)
        {
            var worker = BitOperations.TrailingZeroCount(parked);
            if (!TryClearParked(1UL << worker))
                continue;
            _wake[worker].Release();
            wanted--;
        }
    }

    private bool TryClearParked(ulong bit) => (Interlocked.And(ref _shared.Parked, ~bit) & bit) != 0;

    /// <summary>Claims and runs items of a run until none is left to claim, those of the thread's own share first.</summary>
    private void Drain(int thread, uint run)
    {
        for (var i = 0; i < ThreadCount; i++)
        {
            var owner = thread + i < ThreadCount ? thread + i : thread + i - ThreadCount;
            if (!Drain(ref Share(owner), owner, run))
                return;
        }
    }

    /// <summary>Claims and runs items of a share; false where the run is over.</summary>
    private bool Drain(ref ulong share, int owner, uint run)
    {
        while (true)
        {
            var ticket = Volatile.Read(ref share);
            if (ticket >> 32 != run || (uint)ticket == Closed)
                return false;
            var invoke = _invoke;
            var job = _job;
            var itemCount = (long)Volatile.Read(ref _itemCount);
            var first = owner * itemCount / ThreadCount;
            var item = first + (uint)ticket;
            if (item >= (owner + 1) * itemCount / ThreadCount)
                return true;
            if (Interlocked.CompareExchange(ref share, ticket + 1, ticket) != ticket)
                continue;
            try
            {
                if (Volatile.Read(ref _error) == null)
                    invoke(job, (int)item);
            }
#pragma warning disable CA1031 // whatever an item throws is thrown again on the caller's thread
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Interlocked.CompareExchange(ref _error, exception, null);
            }
            Interlocked.Decrement(ref _shared.Remaining);
        }
    }

    private void AwaitLastItems()
    {
        // A thread that holds an item may have lost its processor: after a while this one is offered to it.
        var patience = _spin ? 2000 : 100;
        while (Volatile.Read(ref _shared.Remaining) != 0)
        {
            if (patience-- > 0)
                Thread.SpinWait(1);
            else
                Thread.Yield();
        }
    }

    private void Work(int worker)
    {
        _insideRun = true;
        var bit = 1UL << worker;
        var seen = 0u;    // the first run is number 1
        var idleSince = Stopwatch.GetTimestamp();
        while (!_stop)
        {
            var run = Volatile.Read(ref _shared.Run);
            if (run != seen)
            {
                Drain(worker + 1, run);
                seen = run;
                idleSince = Stopwatch.GetTimestamp();
            }
            else if (_spin && Stopwatch.GetTimestamp() - idleSince < SpinTicks)
            {
                for (var i = 0; i < 16 && Volatile.Read(ref _shared.Run) == run; i++)
                    Thread.SpinWait(1);
            }
            else
            {
                // A run published before the bit was visible must not be slept through; and if a caller has cleared the bit
                // already, its release is on the way and has to be taken.
                Interlocked.Or(ref _shared.Parked, bit);
                var awake = _stop || Volatile.Read(ref _shared.Run) != run;
                if (!awake || !TryClearParked(bit))
                    _wake[worker].Wait();
                idleSince = Stopwatch.GetTimestamp();
            }
        }
    }

    private readonly struct DelegateWork(Action<int> body) : IParallelWork
    {
        public void Execute(int item) => body(item);
    }

    /// <summary>The words that threads write to, each on cache lines of its own (two, because lines are fetched in pairs).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 640)]
    private struct Shared
    {
        [FieldOffset(128)] public uint Run;
        [FieldOffset(256)] public int Remaining;
        [FieldOffset(384)] public ulong Parked;
        [FieldOffset(512)] public int Busy;
    }
}
