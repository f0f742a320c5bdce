using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics;

[Collection(Alone.Name)]
public sealed class MemoryTests
{
    private const int Count = 100_000;
    private const long Bytes = Count * sizeof(float);

    [Fact]
    public void A_scope_returns_what_was_made_in_it()
    {
        var before = Settled();
        using (Memory.Scope())
        {
            Tensor.Zeros([Count]);
            Assert.InRange(Memory.UsedBytes - before, Bytes, Bytes * 9 / 8);
        }
        Assert.Equal(before, Memory.UsedBytes);
    }

    [Fact]
    public void Use_after_return_throws()
    {
        Tensor x;
        using (Memory.Scope()) x = Tensor.Zeros([3]);
        Assert.Throws<ObjectDisposedException>(() => x + x);
        Assert.Throws<ObjectDisposedException>(() => x.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => x.Reshape(3, 1).Sum());
    }

    [Fact]
    public void Keep_lets_a_tensor_and_its_views_out_to_the_enclosing_scope()
    {
        var before = Settled();
        using (Memory.Scope())
        {
            Tensor kept, view;
            using (var inner = Memory.Scope())
            {
                kept = inner.Keep(Tensor.Full([Count], 3));
                view = inner.Keep(Tensor.Full([Count], 4).Reshape(Count / 2, 2).Slice(0, 1, 1));
                Tensor.Zeros([Count]);
            }
            Assert.InRange(Memory.UsedBytes - before, 2 * Bytes, 2 * Bytes * 9 / 8);
            Assert.Equal(3.0 * Count, kept.Sum().ToScalar());
            Assert.Equal(8, view.Sum().ToScalar());
        }
        Assert.Equal(before, Memory.UsedBytes);
    }

    [Fact]
    public void Keep_of_an_outer_scope_lets_a_tensor_of_an_inner_one_out_of_both()
    {
        Tensor kept;
        using (var outer = Memory.Scope())
        using (Memory.Scope()) kept = outer.Keep(Tensor.Full([3], 2));
        Assert.Equal([2f, 2f, 2f], kept.ToArray<float>());
    }

    [Fact]
    public void Tensors_outside_scopes_are_collected()
    {
        var before = Settled();
        Make();
        Assert.InRange(Settled(), 0, before);
        using (Memory.Scope())
        using (Memory.Outside()) Make();
        Assert.InRange(Settled(), 0, before);
        using (Memory.Scope()) MakeOutside();
        Assert.InRange(Settled(), 0, before);

        static void Make()
        {
            for (var i = 0; i < 10; i++) Tensor.Zeros([Count]);
        }

        static void MakeOutside()
        {
            using var outside = Memory.Outside();
            var x = Tensor.Zeros([3]);
            Assert.Equal(0, x.Sum().ToScalar());
        }
    }

    [Fact]
    public void Kept_tensors_without_an_enclosing_scope_are_collected()
    {
        var before = Settled();
        Make();
        Assert.InRange(Settled(), 0, before);

        static void Make()
        {
            using var scope = Memory.Scope();
            for (var i = 0; i < 10; i++) scope.Keep(Tensor.Zeros([Count]));
        }
    }

    [Fact]
    public void Memory_can_be_returned_without_waiting_for_the_collector()
    {
        var before = Settled();
        var x = Tensor.Zeros([Count]);
        Memory.Return(x);
        Assert.Equal(before, Memory.UsedBytes);
        Assert.Throws<ObjectDisposedException>(() => x.Sum());
        Assert.Equal(before, Settled());
    }

    [Fact]
    public void Backward_frees_what_a_node_saved_as_soon_as_its_gradient_exists()
    {
        const int depth = 20;
        var before = Settled();
        var x = Tensor.Full([Count], 0.5).WithGradient();
        using (var tape = Tape.Start())
        {
            var y = x;
            var duringBackward = 0L;
            for (var i = 0; i < depth; i++)
            {
                y = y.Exp().Log();
                if (i == depth / 2)
                {
                    y = Tape.Record(y * 1, [y], [], dy =>
                    {
                        duringBackward = Memory.UsedBytes - before;
                        return [dy];
                    });
                }
            }
            var loss = y.Sum();
            var forward = Memory.UsedBytes - before;
            Assert.InRange(forward / Bytes, 2 * depth, 2 * depth * 9 / 8 + 4);
            var gradient = tape.Backward(loss)[x];
            Assert.True(duringBackward < forward * 0.65, $"{duringBackward} of {forward} bytes were in use half-way back.");
            Assert.True(Memory.UsedBytes - before < 5 * Bytes + forward / 20, $"{Memory.UsedBytes - before} bytes are in use after Backward; a tensor has {Bytes}.");
            Assert.Equal(1, gradient.Slice(0, 0, 1).Sum().ToScalar(), 1e-5);
            Assert.Equal(Count * 0.5, loss.ToScalar(), 1.0);
        }
        Assert.InRange(Memory.UsedBytes - before, 0, Bytes * 9 / 8);
        GC.KeepAlive(x);
    }

    [Fact]
    public void A_tape_returns_losses_and_gradients_with_all_the_rest()
    {
        using var weights = Memory.Scope();
        var (w, x) = (Tensor.Full([70, 50], 0.01).WithGradient(), Tensor.Full([30, 50], 0.1));
        var before = Memory.UsedBytes;
        Tensor loss, gradient;
        using (var tape = Tape.Start())
        {
            loss = x.Linear(w).GeluTanh().Softmax().Square().Mean();
            gradient = tape.Backward(loss)[w];
        }
        Assert.Equal(before, Memory.UsedBytes);
        Assert.Throws<ObjectDisposedException>(() => loss.ToScalar());
        Assert.Throws<ObjectDisposedException>(() => gradient.ToArray<float>());
        Assert.Equal(0.01f, w.ToArray<float>()[5]);
        Assert.Equal(0.1f, x.ToArray<float>()[5]);
    }

    [Fact]
    public void Backward_returns_neither_inputs_made_inside_the_tape_nor_what_was_kept()
    {
        using var outer = Memory.Scope();
        Tensor hidden, gradient;
        using (var tape = Tape.Start())
        {
            var x = Tensor.Full([4], 2).WithGradient();
            var ids = Tensor.From([0, 1], [2]);
            hidden = tape.Keep(x.Square());
            var forgotten = hidden.Exp();
            gradient = tape.Keep(tape.Backward(forgotten.Log().Square().Reshape(4, 1).Gather(ids).Sum())[x]);
            Assert.Equal([2f, 2f, 2f, 2f], x.ToArray<float>());
            Assert.Equal([0, 1], ids.ToArray<int>());
            Assert.Throws<ObjectDisposedException>(() => forgotten.Sum());
        }
        Assert.Equal([4f, 4f, 4f, 4f], hidden.ToArray<float>());
        Close.Check([.. gradient.ToArray<float>().Select(value => (double)value)], [32, 32, 0, 0], 1e-5, "gradient"); // d x⁴/dx = 4x³
    }

    [Fact]
    public void A_scope_inside_a_tape_returns_only_what_the_tape_does_not_need()
    {
        var w = Tensor.Full([Count], 0.5).WithGradient();
        using var tape = Tape.Start();
        Tensor y;
        var before = Memory.UsedBytes;
        using (var layer = Memory.Scope())
        {
            var needed = w.Exp();
            (needed + 1).Sum();
            y = layer.Keep(needed.Log());
        }
        Assert.InRange((Memory.UsedBytes - before) / (double)Bytes, 1.9, 2.6);
        var gradients = tape.Backward(y.Sum());
        Assert.Equal(1, gradients[w].Slice(0, 7, 1).Sum().ToScalar(), 1e-5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_leaks_over_thousands_of_steps(bool higherOrder)
    {
        var w1 = Tensor.Full([16, 8], 0.01).WithGradient();
        var w2 = Tensor.Full([11, 16], -0.01).WithGradient();
        var x = Tensor.Full([12, 8], 0.3);
        var targets = Tensor.From([.. Enumerable.Range(0, 12).Select(i => i % 11)], [12]);
        Steps(200);
        var (before, process) = (Settled(), WorkingSet());
        Steps(higherOrder ? 1000 : 5000);
        Assert.Equal(before, Settled());
        Assert.InRange(WorkingSet() - process, long.MinValue, 32L << 20);
        GC.KeepAlive((w1, w2, x, targets));

        void Steps(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var tape = Tape.Start(higherOrder);
                var hidden = x.Linear(w1).Silu().LayerNorm(null, null);
                var attended = TensorOps.Attention(hidden.Reshape(12, 2, 8), hidden.Reshape(12, 2, 8), hidden.Reshape(12, 2, 8), SequenceLayout.Batch(3, 4), AttentionWindow.Causal);
                var gradients = tape.Backward(attended.Reshape(12, 16).LinearCrossEntropy(w2, targets)).ClipNorm(1);
                foreach (var (weight, gradient) in gradients) weight.CopyFrom(weight.Detach() - gradient.Detach() * 0.01);
            }
        }
    }

    [Fact]
    public void A_step_that_repeats_takes_no_memory_from_the_system()
    {
        var (w1, w2) = (Tensor.Full([32, 256], 0.01).WithGradient(), Tensor.Full([256, 32], -0.01).WithGradient());
        for (var i = 0; i < 5; i++) Step();
        var (reserved, collections) = (Memory.ReservedBytes, GC.CollectionCount(1));
        for (var i = 0; i < 60; i++) Step();
        Assert.Equal(reserved, Memory.ReservedBytes);
        Assert.InRange(GC.CollectionCount(1) - collections, 0, 1);

        void Step()
        {
            using var tape = Tape.Start();
            var x = Tensor.Full([128, 256], 0.3);
            for (var layer = 0; layer < 4; layer++)
            {
                using var scope = Memory.Scope();
                x = scope.Keep(x.AddDropout(x.LayerNorm(null, null).Linear(w1).GeluTanh().Linear(w2), 0.1, new RandomStream(1)));
            }
            tape.Backward(x.Square().Mean()).ClipNorm(1);
        }
    }

    [Fact]
    public void Blocks_do_not_overlap_and_merge_when_they_come_back()
    {
        var (random, live) = (new Random(7), new List<(nint Start, nuint Length)>());
        var reserved = 0L;
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 2000; i++)
            {
                if (live.Count > 0 && random.Next(5) < 2)
                {
                    var (index, last) = (random.Next(live.Count), live[^1]);
                    Free(live[index]);
                    live[index] = last;
                    live.RemoveAt(live.Count - 1);
                    continue;
                }
                var block = Rent((nuint)random.Next(1, 1 << random.Next(8, 21)));
                Assert.All(live, other => Assert.True(other.Start + (nint)other.Length <= block.Start || block.Start + (nint)block.Length <= other.Start));
                live.Add(block);
                if (live.Count > 60) { live.ForEach(Free); live.Clear(); }
            }
            live.ForEach(Free);
            live.Clear();
            if (round > 0) Assert.Equal(reserved, Memory.ReservedBytes);
            reserved = Memory.ReservedBytes;
        }

        static unsafe (nint Start, nuint Length) Rent(nuint bytes)
        {
            var start = (nint)MemoryPool.Rent(bytes, out var capacity);
            Assert.True(capacity >= bytes);
            return (start, capacity);
        }

        static unsafe void Free((nint Start, nuint Length) block) => MemoryPool.Return((void*)block.Start, block.Length);
    }

    [Fact]
    public void Temporaries_outside_any_scope_stay_alive_while_they_are_used()
    {
        var stop = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref stop)) GC.Collect(0);
        });
        collector.Start();
        for (var i = 0; i < 60; i++)
        {
            var x = Tensor.Full([50, 40], 1).Transposed.Slice(0, 3, 30).Slice(1, 2, 40);
            var y = x.MatMul(Tensor.Full([40, 20], 2) + 1).Square().Transposed.Contiguous().Sum(0);
            Assert.All(y.ToArray<float>(), value => Assert.Equal(20 * 120f * 120, value));
        }
        Volatile.Write(ref stop, true);
        collector.Join();
    }

    private static long Settled()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return Memory.UsedBytes;
    }

    private static long WorkingSet()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
