using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Backends;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>Every kind of kernel gives the same bits wherever its operands lie and whatever the collector does meanwhile; at sizes of one, at primes, without rows.</summary>
public sealed class SteadfastTests
{
    private static readonly Device[] s_devices = [Device.CreateCpu(2), Device.CreateCpu(2, ComputePrecision.BFloat16)];

    private sealed record Case(Shape[] Inputs, Func<Tensor[], Tensor> Run);

    private static readonly Dictionary<string, Case> s_cases = AllCases().ToDictionary(c => c.Name, c => c.Case);

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Where_operands_lie_changes_no_bit(string name)
    {
        foreach (var device in s_devices)
        {
            var expected = Evaluate(s_cases[name], device, Layout.Contiguous);
            var actual = Evaluate(s_cases[name], device, Layout.Sliced);    // rows that begin three numbers off, and more numbers between them
            for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Numbers_are_those_of_the_definition(string name)
    {
        var (expected, actual) = (Evaluate(s_cases[name], Device.Reference, Layout.Contiguous), Evaluate(s_cases[name], s_devices[0], Layout.Sliced));
        for (var i = 0; i < expected.Length; i++)
            Close.Check(Array.ConvertAll(actual[i], x => (double)x), Array.ConvertAll(expected[i], x => (double)x), 1e-4, $"{name}, {i}");
    }

    [Fact]
    public void Collections_during_kernels_change_no_bit()
    {
        var cases = s_cases.Where(c => c.Key.EndsWith('*')).SelectMany(c => s_devices.Select(device => (c.Value, Device: device))).ToArray();
        var expected = cases.Select(c => Evaluate(c.Value, c.Device, Layout.Sliced)).ToArray();
        var stop = false;
        var before = GC.CollectionCount(0);
        // Compacting collections as well: whatever was not pinned moves.
        var collector = new Thread(() =>
        {
            for (var i = 0; !Volatile.Read(ref stop); i++)
            {
                GC.Collect(i % 32 == 31 ? 2 : 0, GCCollectionMode.Forced, blocking: true, compacting: i % 32 == 31);
                Thread.Sleep(1);    // the tests beside this one want to get on too
            }
        });
        collector.Start();
        try
        {
            for (var round = 0; round < 2; round++)
                for (var i = 0; i < cases.Length; i++) Assert.Equal(expected[i], Evaluate(cases[i].Value, cases[i].Device, Layout.Sliced));
        }
        finally
        {
            Volatile.Write(ref stop, true);
            collector.Join();
        }
        Assert.True(GC.CollectionCount(0) > before + 4);
    }

    /// <summary>Names that end in an asterisk are of the kinds that run among collections.</summary>
    private static IEnumerable<(string Name, Case Case)> AllCases()
    {
        var random = new RandomStream(3);
        foreach (var (heads, size, lengths) in new[] { (1, 1, new[] { 1 }), (3, 7, [13, 0, 1]), (1, 31, [67]), (2, 17, [0, 0]), (2, 32, [71, 2]) })
        {
            var layout = SequenceLayout.Packed(lengths);
            var name = $"attention of {heads} heads of {size}, {string.Join(" and ", lengths)} tokens";
            yield return (name + "*", new([[layout.QueryCount, 3, heads, size]], x => TensorOps.SelfAttention(x[0], layout, AttentionWindow.Causal, dropoutProbability: 0.3, dropout: random)));
            yield return (name + " in three tensors", new([[layout.QueryCount, heads, size], [layout.QueryCount, heads, size], [layout.QueryCount, heads, size]],
                x => TensorOps.Attention(x[0], x[1], x[2], layout, AttentionWindow.Sliding(5))));
        }
        foreach (var (inputs, size, lengths) in new[] { (1, 1, new[] { 1 }), (5, 13, [3, 0, 7]), (11, 67, [2, 5, 1]), (3, 7, [0, 0]), (3, 7, Array.Empty<int>()) })
        {
            var layout = SequenceLayout.Packed(lengths);
            Shape[] Weights(int gates) => [[layout.QueryCount, inputs], [gates * size, inputs], [gates * size, size], [gates * size], [gates * size]];
            var name = $"{size} units, {inputs} inputs, {string.Join(" and ", lengths)} steps";
            yield return ($"LSTM of {name}*", new(Weights(4), x => TensorOps.Lstm(x[0], layout, x[1], x[2], x[3], x[4]).Output));
            yield return ($"GRU of {name}*", new(Weights(3), x => TensorOps.Gru(x[0], layout, x[1], x[2], x[3], x[4]).Output));
        }
        foreach (var (rows, size, inner) in new[] { (0, 5, 7), (1, 1, 1), (13, 31, 67), (1, 1031, 3), (241, 17, 1) })
        {
            yield return ($"feed-forward of {rows} rows, {size} and {inner} columns*", new([[rows, size], [rows, size], [inner, size], [inner], [size, inner], [size]],
                x => x[0].AddFeedForward(x[1], x[2], x[3], Activation.GeluTanh, x[4], x[5], 0.2, random)));
            yield return ($"linear with residual of {rows} rows, {inner} to {size} columns", new([[rows, size], [rows, inner], [size, inner], [size]], x => x[0].AddLinear(x[1], x[2], x[3], 0.2, random)));
        }
        foreach (var other in Others()) yield return other;
    }

    /// <summary>Products, what works row by row or number by number, and the update of weights.</summary>
    private static IEnumerable<(string Name, Case Case)> Others()
    {
        foreach (var (rows, columns, depth) in new[] { (1, 1, 1), (0, 3, 5), (1, 517, 203), (131, 67, 401), (3, 67, 1) })
        {
            yield return ($"product of {rows}x{columns}x{depth}*", new([[rows, depth], [depth, columns]], x => x[0].MatMul(x[1])));
            yield return ($"product of {rows}x{columns}x{depth} with a transposed factor*", new([[rows, depth], [columns, depth]], x => x[0].MatMul(x[1].Transposed)));
            yield return ($"batch of products of {rows}x{columns}x{depth}*", new([[3, rows, depth], [3, depth, columns]], x => x[0].MatMul(x[1])));
        }
        foreach (var (rows, size) in new[] { (1, 1), (0, 7), (67, 1031), (211, 13) })
        {
            var name = $"{rows} rows of {size}*";
            yield return ("layer norm of " + name, new([[rows, size], [size], [size]], x => x[0].LayerNorm(x[1], x[2], 1e-5)));
            yield return ("RMS norm of " + name, new([[rows, size], [size]], x => x[0].RmsNorm(x[1], 1e-5)));
            yield return ("softmax of " + name, new([[rows, size]], x => x[0].Softmax()));
            yield return ("log-softmax of " + name, new([[rows, size]], x => x[0].LogSoftmax()));
            yield return ("activations and a sum over rows of " + name, new([[rows, size], [size]], x => (x[0].GeluTanh() * x[1]).Silu().Sum(0)));
            yield return ("AdamW on " + name, new([[rows, size], [rows, size], [size]], x => x[0] * x[2] + x[1] + Updated(x)));
        }
        foreach (var (rows, vocab) in new[] { (1, 1), (67, 1031), (211, 13) })
            yield return ($"cross-entropy of {rows} rows over {vocab}*", new([[rows, 5], [vocab, 5]], x => x[0].LinearCrossEntropy(x[1], Tensor.From(Enumerable.Range(0, rows).Select(i => i * 7 % vocab).ToArray(), [rows], x[0].Device))));
    }

    // Two steps on the first input, the second one being the gradient; beside it a small weight, so that the pass is over several.
    private static Tensor Updated(Tensor[] x)
    {
        using var pause = Tape.Pause();
        var (w, small) = (Copy(x[0]), Copy(x[2]));
        AdamWeight[] weights = [new(w, Copy(x[1]), Zeros(w), Zeros(w)), new(small, Copy(x[2]), Zeros(small), Zeros(small), Decays: false)];
        for (var step = 1; step <= 2; step++) WeightUpdates.AdamUpdate(weights, new(0.01, 0.9, 0.95, 1e-6, 0.1, Decoupled: true, step, 0.5));
        return small.Count > 0 && w.Count > 0 ? w + small : w;

        static Tensor Copy(Tensor tensor) => (tensor.Detach() * 1).Contiguous();
        static Tensor Zeros(Tensor like) => Tensor.Zeros(like.Shape, like.DType, like.Device);
    }

    /// <summary>The result, and the gradient of each input.</summary>
    private static float[][] Evaluate(Case @case, Device device, Layout layout)
    {
        using var tape = Tape.Start();
        Input[] inputs = [.. @case.Inputs.Select(shape => new Input(shape, layout, -1, 1))];
        // The same numbers in either layout: drawn for the view, and copied to where it lies.
        Tensor[] x = [.. inputs.Select((input, i) => Placed(new Input(input.Shape, Layout.Contiguous, -1, 1).Base(new RandomStream(5, (ulong)i)), layout, device).WithGradient())];
        Tensor[] views = [.. x.Zip(inputs, (tensor, input) => input.View(tensor))];
        var y = @case.Run(views);
        var value = y.ToArray<float>();
        var gradients = tape.Backward((y * y).Sum());
        return [value, .. x.Zip(inputs, (tensor, input) => input.View(gradients[tensor]).Contiguous().ToArray<float>())];
    }

    private static Tensor Placed(Tensor values, Layout layout, Device device)
    {
        if (layout == Layout.Contiguous) return values.Cast(DType.Float32).To(device);
        var (from, shape, place) = (values.ToArray<double>(), values.Shape, layout.Base(values.Shape));
        var to = new float[place.Count];
        // Row by row of the last axis, three numbers in, one row of the first axis down.
        var (width, wide) = (shape[-1], place[-1]);
        var first = shape.Rank == 1 ? 3 : place.Count / place[0] + 3;
        for (var row = 0; width > 0 && row < shape.Count / width; row++)
            for (var i = 0; i < width; i++) to[first + row * (long)wide + i] = (float)from[row * width + i];
        return Tensor.From(to, place, device);
    }
}
