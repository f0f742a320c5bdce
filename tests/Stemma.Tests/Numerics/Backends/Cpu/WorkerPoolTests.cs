using Stemma.Numerics.Backends.Cpu;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu;

public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(64)]
    public void Every_item_runs_once(int threads)
    {
        using var pool = new WorkerPool(threads);
        var counts = new int[1000];
        for (var run = 0; run < 300; run++)
        {
            var items = run * 7 % counts.Length;
            Array.Clear(counts);
            pool.Run(items, i => Interlocked.Increment(ref counts[i]));
            Assert.All(counts[..items], count => Assert.Equal(1, count));
            Assert.All(counts[items..], count => Assert.Equal(0, count));
        }
    }

    [Fact]
    public void Parked_threads_wake_again()
    {
        using var pool = new WorkerPool(3);
        for (var run = 0; run < 20; run++)
        {
            var sum = 0;
            pool.Run(50, i => Interlocked.Add(ref sum, i));
            Assert.Equal(1225, sum);
            Thread.Sleep(run % 3);
        }
    }

    [Fact]
    public void More_than_one_thread_takes_part()
    {
        using var pool = new WorkerPool(2);
        var both = new CountdownEvent(2);
        pool.Run(2, _ =>
        {
            both.Signal();
            Assert.True(both.Wait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        });
    }

    /// <summary>The first item of either thread's share takes until all others are done.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public void The_share_of_a_thread_that_is_held_up_is_done_by_the_others(int slow)
    {
        using var pool = new WorkerPool(2);
        var others = new CountdownEvent(99);
        pool.Run(100, item =>
        {
            if (item == slow) Assert.True(others.Wait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
            else others.Signal();
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void An_exception_reaches_the_caller_and_leaves_the_pool_usable(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (var run = 0; run < 50; run++)
        {
            var thrown = Assert.Throws<InvalidOperationException>(() => pool.Run(100, i =>
            {
                if (i == 37)
                    throw new InvalidOperationException("item 37");
            }));
            Assert.Equal("item 37", thrown.Message);
            var sum = 0;
            pool.Run(10, i => Interlocked.Add(ref sum, i));
            Assert.Equal(45, sum);
        }
    }

    [Fact]
    public void A_run_inside_an_item_runs_inline()
    {
        using var pool = new WorkerPool(3);
        var count = 0;
        pool.Run(20, _ =>
        {
            var thread = Environment.CurrentManagedThreadId;
            pool.Run(5, _ =>
            {
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                Interlocked.Increment(ref count);
            });
        });
        Assert.Equal(100, count);
    }

    [Fact]
    public void Several_callers_may_use_one_pool()
    {
        using var pool = new WorkerPool(2);
        var total = 0;
        var callers = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var run = 0; run < 500; run++)
                pool.Run(10, i => Interlocked.Add(ref total, i));
        })).ToArray();
        foreach (var caller in callers)
            caller.Start();
        foreach (var caller in callers)
            caller.Join();
        Assert.Equal(4 * 500 * 45, total);
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        using var pool = new WorkerPool(2);
        var cell = new int[1];
        pool.Run(8, new AddWork(cell));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var run = 0; run < 100; run++)
            pool.Run(8, new AddWork(cell));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(808, cell[0]);
    }

    private readonly struct AddWork(int[] cell) : IParallelWork
    {
        public void Execute(int item) => Interlocked.Increment(ref cell[0]);
    }
}
