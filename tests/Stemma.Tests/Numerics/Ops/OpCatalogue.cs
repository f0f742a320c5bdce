using System.Runtime.CompilerServices;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>Every operation on the shapes and layouts that break kernels: primes, size-1 axes, no rows, views.</summary>
public static class OpCatalogue
{
    private static readonly Dictionary<string, OpCase> s_cases =
        new[] { Elementwise(), Binary(), Residuals(), Reductions(), Shaping(), Indexing(), Products(), FeedForward(), Fused(), Attention(), Clustered(), InsideAttention(), Rotary(), Recurrent(), Windows() }.SelectMany(cases => cases).ToDictionary(c => c.Name);

    public static IEnumerable<OpCase> All => s_cases.Values;

    public static OpCase Named(string name) => s_cases[name];

    private static IEnumerable<OpCase> Elementwise()
    {
        (string Op, Func<Tensor, Tensor> Run, double Low, double High)[] functions =
        [
            (nameof(TensorOps.Abs), x => x.Abs(), -2, 2),
            (nameof(TensorOps.Affine), x => x.Affine(-1.75, 0.3), -2, 2),
            (nameof(TensorOps.Erf), x => x.Erf(), -5, 5),
            (nameof(TensorOps.Exp), x => x.Exp(), -3, 3),
            (nameof(TensorOps.Gelu), x => x.Gelu(), -5, 5),
            (nameof(TensorOps.GeluTanh), x => x.GeluTanh(), -5, 5),
            (nameof(TensorOps.Log), x => x.Log(), 0.1, 20),
            (nameof(TensorOps.Relu), x => x.Relu(), -2, 2),
            (nameof(TensorOps.Sigmoid), x => x.Sigmoid(), -8, 8),
            (nameof(TensorOps.Sign), x => x.Sign(), -2, 2),
            (nameof(TensorOps.Silu), x => x.Silu(), -8, 8),
            (nameof(TensorOps.Sqrt), x => x.Sqrt(), 0.1, 9),
            (nameof(TensorOps.Square), x => x.Square(), -3, 3),
            (nameof(TensorOps.Tanh), x => x.Tanh(), -4, 4),
            (nameof(TensorOps.Dropout), x => x.Dropout(0.3, new RandomStream(5)), -2, 2),
        ];
        foreach (var (op, run, low, high) in functions)
        {
            OpCase Case(string what, Shape shape, Layout layout) => new(op, $"{op} {what}", [new(shape, layout, low, high)], x => run(x[0]));
            yield return Case("of 7×13", [7, 13], Layout.Contiguous);
            yield return Case("of a transpose", [5, 17], Layout.Transposed);
            yield return Case("of a slice", [3, 2, 19], Layout.Sliced);
            yield return Case("of a repeated axis", [5, 4, 3], Layout.Repeated(1));
            yield return Case("of a scalar", [], Layout.Contiguous) with { Inputs = [new([], Layout.Contiguous, 0.5, 1)] };
            yield return Case("of no rows", [0, 5], Layout.Contiguous);
            yield return Case("of several work items", [3, 5501], Layout.Contiguous);
        }
        yield return new("Cast", "Cast to float64 and back", [Of(4, 5)], x => x[0].Cast(DType.Float64).Exp().Cast(x[0].DType));
        yield return new("To", "To another device and back", [Of(4, 5)], x => x[0].To(Device.Reference).Exp().To(x[0].Device));
    }

    private static IEnumerable<OpCase> Binary()
    {
        (string Op, Func<Tensor, Tensor, Tensor> Run)[] functions =
        [
            (nameof(TensorOps.Add), (a, b) => a + b), (nameof(TensorOps.Subtract), (a, b) => a - b),
            (nameof(TensorOps.Multiply), (a, b) => a * b), (nameof(TensorOps.Divide), (a, b) => a / b),
        ];
        foreach (var (op, run) in functions)
        {
            OpCase Case(string what, Input a, Input b) => new(op, $"{op} {what}", [a, b with { Low = 0.5 }], x => run(x[0], x[1]));
            yield return Case("of equal shapes", Of(7, 13), Of(7, 13));
            yield return Case("of a row", Of(5, 17), Of(17));
            yield return Case("of a column", Of(5, 17), Of(5, 1));
            yield return Case("of a scalar", Of(2, 3, 5), Shape.Scalar);
            yield return Case("into a scalar", Shape.Scalar, Of(2, 3, 5));
            yield return Case("of outer axes", Of(4, 1, 5), Of(3, 1));
            yield return Case("of two transposes", new([6, 19], Layout.Transposed), new([6, 19], Layout.Transposed));
            yield return Case("of a transpose and a slice", new([6, 19], Layout.Transposed), new([6, 19], Layout.Sliced));
            yield return Case("of two repeated axes", new([6, 18], Layout.Repeated(1)), new([6, 18], Layout.Repeated(0)));
            yield return Case("of one repeated axis twice", new([6, 18], Layout.Repeated(1)), new([6, 18], Layout.Repeated(1)));
            yield return Case("of no rows", Of(0, 3), Of(3));
            yield return Case("of several work items", Of(14, 1201), Of(1201));
            yield return Case("of long rows", new([2, 16500], Layout.Sliced), Of(2, 1)) with { Tolerance = 1e-5 };
            yield return new(op, $"{op} of a tensor with itself", [new([5, 3], Layout.Contiguous, 0.5)], x => run(x[0], x[0]) * x[0]);
        }
    }

    private static IEnumerable<OpCase> Residuals()
    {
        OpCase Case(string what, Input a, Input b) => new("AddDropout", $"AddDropout {what}", [a, b], x => x[0].AddDropout(x[1], 0.3, new RandomStream(5)).Square());
        yield return Case("of rows", Of(7, 13), Of(7, 13));
        yield return Case("of two transposes", new([6, 19], Layout.Transposed), new([6, 19], Layout.Transposed));
        yield return Case("of several work items", Of(5, 4001), Of(5, 4001));
        yield return Case("of no rows", Of(0, 3), Of(0, 3));
        yield return new("AddDropout", "AddDropout of a tensor to itself", [Of(5, 9)], x => x[0].AddDropout(x[0], 0.3, new RandomStream(5)));
        yield return new("AddDropout", "AddDropout that drops nothing", [Of(5, 9), Of(5, 9)], x => x[0].AddDropout(x[1], 0, new RandomStream(5)));
    }

    private static IEnumerable<OpCase> Reductions()
    {
        (string Op, Func<Tensor, int, bool, Tensor> Run)[] functions =
        [
            (nameof(TensorOps.Sum), (x, axis, keep) => x.Sum(axis, keep)), (nameof(TensorOps.Mean), (x, axis, keep) => x.Mean(axis, keep)),
            (nameof(TensorOps.Max), (x, axis, keep) => x.Max(axis, keep)),
        ];
        foreach (var (op, run) in functions)
        {
            OpCase Case(string what, Input input, int axis, bool keep = false) => new(op, $"{op} {what}", [input], x => run(x[0], axis, keep));
            yield return Case("over the last axis", Of(7, 13), -1);
            yield return Case("over the first axis", Of(7, 13), 0);
            yield return Case("over the middle axis", Of(3, 5, 7), 1, keep: true);
            yield return Case("over an axis of size 1", Of(3, 1, 7), 1);
            yield return Case("over a transpose", new([5, 19], Layout.Transposed), -1);
            yield return Case("over a slice", new([5, 40], Layout.Sliced), 0);
            yield return Case("of no rows", Of(0, 4), -1);
            yield return Case("over long rows", Of(2, 33001), -1);
            yield return Case("over long columns", Of(1031, 37), 0);
            yield return Case("over a middle axis of many", Of(3, 300, 35), 1);
            yield return Case("over wide rows", Of(9, 2053), 0);
        }
        yield return new("Sum", "Sum over no rows", [Of(0, 4)], x => x[0].Sum(0));
        yield return new("Sum", "Sum of all", [new([5, 19], Layout.Transposed)], x => x[0].Sum());
        yield return new("Mean", "Mean of all", [Of(5, 19)], x => x[0].Mean());
        yield return new("SumTo", "SumTo a row", [Of(3, 4, 5)], x => x[0].SumTo([5]));
        yield return new("SumTo", "SumTo size-1 axes", [new([3, 4, 5], Layout.Sliced)], x => x[0].SumTo([4, 1]));
        yield return new("SumTo", "SumTo a scalar", [Of(3, 5)], x => x[0].SumTo(Shape.Scalar));
        yield return new("LogSumExp", "LogSumExp of rows", [new([6, 11], Layout.Transposed, -30, 30)], x => x[0].LogSumExp());
        yield return new("NormL1", "NormL1 of a matrix", [Of(6, 11)], x => x[0].NormL1());
        yield return new("NormL2", "NormL2 of a matrix", [Of(6, 11)], x => x[0].NormL2());
    }

    private static IEnumerable<OpCase> Shaping()
    {
        yield return new("Contiguous", "Contiguous of a transpose", [new([5, 19], Layout.Transposed)], x => x[0].Contiguous());
        yield return new("Contiguous", "Contiguous of a long transpose", [new([331, 119], Layout.Transposed)], x => x[0].Contiguous());
        yield return new("Contiguous", "Contiguous of many small transposes", [new([3, 50, 7, 5], Layout.Transposed)], x => x[0].Contiguous());
        yield return new("Contiguous", "Contiguous of a transpose of outer axes", [Of(9, 33, 20)], x => x[0].Transpose(0, 2).Contiguous());
        yield return new("Contiguous", "Contiguous of heads", [Of(2, 9, 3, 20)], x => x[0].Transpose(1, 2).Contiguous());
        yield return new("Contiguous", "Contiguous of a transposed slice", [new([4, 6, 5], Layout.Sliced)], x => x[0].Transpose(0, 2).Contiguous());
        yield return new("Reshape", "Reshape of a row-major tensor", [Of(4, 6)], x => x[0].Reshape(3, -1, 2));
        yield return new("Reshape", "Reshape of a transpose", [new([4, 6], Layout.Transposed)], x => x[0].Reshape([24]));
        yield return new("Reshape", "Reshape of no rows", [Of(0, 6)], x => x[0].Reshape([0, 2, 3]));
        yield return new("Transpose", "Transpose of outer axes", [Of(3, 4, 5)], x => x[0].Transpose(0, 1));
        yield return new("Transpose", "Transpose of far axes", [Of(2, 3, 2, 5)], x => x[0].Transpose(0, -1).Square());
        yield return new("BroadcastTo", "BroadcastTo more axes", [Of(3, 1)], x => x[0].BroadcastTo([2, 3, 4]));
        yield return new("Slice", "Slice of the last axis", [Of(4, 9)], x => x[0].Slice(-1, 2, 5));
        yield return new("Slice", "Slice of nothing", [Of(4, 9)], x => x[0].Slice(0, 4, 0));
        yield return new("Slice", "Slice of a transpose", [new([4, 9], Layout.Transposed)], x => x[0].Slice(0, 1, 2).Exp());
        yield return new("Select", "Select from the first axis", [Of(4, 9)], x => x[0].Select(0, 3));
        yield return new("Select", "Select from the last axis", [Of(2, 4, 9)], x => x[0].Select(-1, 5).Exp());
        yield return new("Select", "Select from an axis of size 1", [new([4, 1, 3], Layout.Sliced)], x => x[0].Select(1, 0).Square());
        yield return new("Select", "Select from a transpose", [new([4, 9], Layout.Transposed)], x => x[0].Select(0, 2));
        yield return new("Pad", "Pad of the middle axis", [Of(2, 3, 4)], x => x[0].Pad(1, 2, 7));
        yield return new("Pad", "Pad of a transpose", [new([4, 9], Layout.Transposed)], x => x[0].Pad(0, 1, 6));
        yield return new("Split", "Split of the last axis", [Of(3, 12)], x =>
        {
            var parts = x[0].Split(-1, 3);
            return parts[0] * parts[2] + parts[1];
        });
        yield return new("Concatenate", "Concatenate along the first axis", [Of(2, 5), Of(1, 5), Of(0, 5)], x => TensorOps.Concatenate(0, x));
        yield return new("Concatenate", "Concatenate of long transposes", [new([40, 65], Layout.Transposed), new([40, 300], Layout.Transposed)], x => TensorOps.Concatenate(-1, x));
        yield return new("Concatenate", "Concatenate along the last axis", [new([3, 5], Layout.Transposed), Of(3, 2)], x => TensorOps.Concatenate(-1, x[0], x[1], x[0]));
    }

    private static IEnumerable<OpCase> Indexing()
    {
        yield return new("Gather", "Gather of repeated rows", [Of(7, 5)], x => x[0].Gather(Ids(x[0], [2, 3], 6, 0, 6, 3, 3, 6)));
        yield return new("Gather", "Gather from a transpose", [new([7, 5], Layout.Transposed)], x => x[0].Gather(Ids(x[0], [4], 1, 0, 1, 6)));
        yield return new("Gather", "Gather of nothing", [Of(7, 5)], x => x[0].Gather(Ids(x[0], [0])));
        yield return new("Gather", "Gather of wide rows", [Of(7, 131)], x => x[0].Gather(Ids(x[0], [101], [.. Enumerable.Range(0, 101).Select(i => i * i % 7)])));
        yield return new("Scatter", "Scatter to repeated rows", [Of(2, 3, 5)], x => x[0].Scatter(Ids(x[0], [2, 3], 6, 0, 6, 3, 3, 6), 8));
        yield return new("Scatter", "Scatter of a transpose", [new([3, 5], Layout.Transposed)], x => x[0].Scatter(Ids(x[0], [3], 1, 0, 1), 2));
    }

    private static IEnumerable<OpCase> Products()
    {
        static OpCase MatMul(string what, Input a, Input b) => new("MatMul", $"MatMul {what}", [a, b], x => x[0].MatMul(x[1]));
        yield return MatMul("of matrices", Of(5, 7), Of(7, 3));
        yield return MatMul("of a row and a column", Of(1, 13), Of(13, 1));
        yield return MatMul("of an outer product", Of(7, 1), Of(1, 5));
        yield return MatMul("of transposes", new([5, 7], Layout.Transposed), new([7, 3], Layout.Transposed));
        yield return MatMul("of slices", new([5, 7], Layout.Sliced), new([7, 3], Layout.Sliced));
        yield return MatMul("of repeated rows", new([5, 7], Layout.Repeated(0)), new([7, 3], Layout.Repeated(1)));
        yield return MatMul("of repeated columns", new([5, 7], Layout.Repeated(1)), new([7, 3], Layout.Repeated(0)));
        yield return MatMul("without depth", Of(3, 0), Of(0, 2));
        yield return MatMul("without rows", Of(0, 3), Of(3, 2));
        yield return MatMul("of many rows by one matrix", Of(2, 3, 5), Of(5, 4));
        yield return MatMul("of one matrix by many", Of(4, 5), Of(3, 5, 2));
        yield return MatMul("of batches", new([3, 4, 5], Layout.Transposed), Of(3, 5, 2));
        yield return MatMul("of broadcast batches", Of(2, 3, 4, 3), Of(2, 1, 3, 5));
        yield return MatMul("of crossed batches", Of(2, 1, 2, 3), new([3, 3, 2], Layout.Transposed));
        yield return MatMul("of sliced batches", new([2, 3, 4], Layout.Sliced), new([2, 4, 3], Layout.Sliced));
        yield return MatMul("of heads", Of(2, 3, 70, 33), new([2, 1, 33, 65], Layout.Transposed)) with { Tolerance = 5e-6 };
        yield return MatMul("of larger matrices", new([97, 301], Layout.Sliced), new([301, 133], Layout.Transposed)) with { Tolerance = 5e-6 };
        yield return new("MatMul", "MatMul of a view without unit steps", [Of(2, 3, 8)], x => x[0].Transpose(0, 2).MatMul(x[0].Transpose(0, 2).Transposed));
        yield return new("Linear", "Linear with bias", [Of(2, 3, 5), Of(4, 5), Of(4)], x => x[0].Linear(x[1], x[2]));
        yield return new("Linear", "Linear without bias", [new([3, 5], Layout.Transposed), new([4, 5], Layout.Transposed)], x => x[0].Linear(x[1]));
        yield return new("Linear", "Linear of a vector", [Of(5), Of(4, 5), Of(4)], x => x[0].Linear(x[1], x[2]));
        yield return new("Linear", "Linear of no rows", [Of(0, 5), Of(4, 5), Of(4)], x => x[0].Linear(x[1], x[2]));
        yield return new("Linear", "Linear with a bias view", [Of(3, 5), Of(4, 5), new([4], Layout.Repeated(0))], x => x[0].Linear(x[1], x[2]));
        yield return new("Linear", "Linear of many rows", [Of(150, 67), Of(131, 67), Of(131)], x => x[0].Linear(x[1], x[2])) { Tolerance = 5e-6 };
    }

    private static IEnumerable<OpCase> FeedForward()
    {
        var random = new RandomStream(6);
        OpCase Linear(string what, params Input[] inputs) => new("AddLinear", $"AddLinear {what}", inputs, x => x[0].AddLinear(x[1], x[2], x.Length > 3 ? x[3] : null, 0.3, random).Square());
        yield return Linear("with bias", Of(7, 4), Of(7, 5), Of(4, 5), Of(4));
        yield return Linear("without bias", Of(2, 3, 4), Of(2, 3, 5), Of(4, 5));
        yield return Linear("of views", new([6, 3], Layout.Transposed), new([6, 5], Layout.Sliced), new([3, 5], Layout.Transposed), new([3], Layout.Repeated(0)));
        yield return Linear("of no rows", Of(0, 4), Of(0, 5), Of(4, 5), Of(4));
        yield return Linear("without depth", Of(3, 4), Of(3, 0), Of(4, 0), Of(4));
        yield return Linear("of many rows", Of(150, 131), Of(150, 67), Of(131, 67), Of(131)) with { Tolerance = 5e-6 };
        yield return new("AddLinear", "AddLinear of a tensor to itself", [Of(5, 4), Of(4, 4)], x => x[0].AddLinear(x[0], x[1]));
        foreach (var (name, activation) in new[] { ("GELU", Activation.Gelu), ("tanh GELU", Activation.GeluTanh), ("ReLU", Activation.Relu), ("SiLU", Activation.Silu) })
        {
            Tensor Run(Tensor[] x, double probability) => x[0].AddFeedForward(x[1], x[2], x.Length > 4 ? x[4] : null, activation, x[3], x.Length > 5 ? x[5] : null, probability, random).Square();
            OpCase Case(string what, double probability, params Input[] inputs) => new("AddFeedForward", $"AddFeedForward with {name} {what}", inputs, x => Run(x, probability)) { Tolerance = 5e-6 };
            yield return Case("and biases", 0.3, Of(7, 4), Of(7, 5), Of(9, 5), Of(4, 9), Of(9), Of(4));
            yield return Case("alone", 0, Of(2, 3, 5), Of(2, 3, 5), Of(7, 5), Of(5, 7));
            yield return Case("of views", 0.3, new([6, 5], Layout.Transposed), new([6, 5], Layout.Sliced), new([7, 5], Layout.Transposed), new([5, 7], Layout.Sliced), new([7], Layout.Repeated(0)));
            yield return Case("of no rows", 0.3, Of(0, 5), Of(0, 5), Of(7, 5), Of(5, 7));
            yield return Case("of many rows", 0.3, Of(150, 35), Of(150, 67), Of(131, 67), Of(35, 131), Of(131), Of(35));
        }
    }

    private static IEnumerable<OpCase> Fused()
    {
        foreach (var (what, input) in new (string, Input)[]
        {
            ("of rows", Of(5, 13)), ("of three axes", Of(2, 3, 7)), ("of a transpose", new([6, 5], Layout.Transposed)), ("of a slice", new([3, 4, 9], Layout.Sliced)),
            ("of rows of one", Of(4, 1)), ("of no rows", Of(0, 5)), ("of one row", Of(37)), ("of many rows", Of(301, 67)),
        })
        {
            var size = input.Shape[-1];
            yield return new("Softmax", $"Softmax {what}", [input with { Low = -5, High = 5 }], x => x[0].Softmax()) { Tolerance = 5e-6 };
            yield return new("LogSoftmax", $"LogSoftmax {what}", [input with { Low = -5, High = 5 }], x => x[0].LogSoftmax()) { Tolerance = 5e-6 };
            // A row of one number does not vary once it is normed: its gradient would be a rounding error divided by √ε.
            var epsilon = size == 1 ? 1 : 1e-5;
            yield return new("RmsNorm", $"RmsNorm {what}", [input, Of(size)], x => x[0].RmsNorm(x[1], epsilon)) { Tolerance = 5e-6 };
            yield return new("LayerNorm", $"LayerNorm {what}", [input, Of(size), Of(size)], x => x[0].LayerNorm(x[1], x[2], epsilon)) { Tolerance = 5e-6 };
            yield return new("LayerNorm", $"LayerNorm {what} without bias", [input, Of(size)], x => x[0].LayerNorm(x[1], null, epsilon)) { Tolerance = 5e-6 };
            yield return new("LayerNorm", $"LayerNorm {what} without weight", [input, Of(size)], x => x[0].LayerNorm(null, x[1], epsilon)) { Tolerance = 5e-6 };
            yield return new("LayerNorm", $"LayerNorm {what} alone", [input], x => x[0].LayerNorm(null, null, epsilon)) { Tolerance = 5e-6 };
        }
        Shape logits = [6, 11];
        int[] targets = [3, 0, -100, 10, 3, -100];
        yield return new("CrossEntropy", "CrossEntropy of all rows", [logits], x => x[0].CrossEntropy(Ids(x[0], [6], 3, 0, 5, 10, 3, 1)));
        yield return new("CrossEntropy", "CrossEntropy with ignored rows", [logits], x => x[0].CrossEntropy(Ids(x[0], [6], targets)));
        yield return new("CrossEntropy", "CrossEntropy with label smoothing", [new(logits, Layout.Transposed)], x => x[0].CrossEntropy(Ids(x[0], [6], targets), 0.1));
        yield return new("CrossEntropy", "CrossEntropy with a divisor", [logits], x => x[0].CrossEntropy(Ids(x[0], [6], targets), 0.1, divisor: 17));
        yield return new("CrossEntropy", "CrossEntropy of a large vocabulary", [Of(70, 1009)], x => x[0].CrossEntropy(Many(x[0], 70, 1009))) { Tolerance = 5e-6 };
        yield return new("CrossEntropyRows", "CrossEntropyRows with ignored rows", [logits], x => x[0].CrossEntropyRows(Ids(x[0], [6], targets)));
        yield return new("CrossEntropyRows", "CrossEntropyRows with label smoothing", [new(logits, Layout.Sliced)], x => x[0].CrossEntropyRows(Ids(x[0], [6], targets), 0.2));
        yield return new("CrossEntropyRows", "CrossEntropyRows of no rows", [Of(0, 5)], x => x[0].CrossEntropyRows(Ids(x[0], [0])));
        yield return new("LinearCrossEntropy", "LinearCrossEntropy of all rows", [Of(6, 4), Of(11, 4)], x => x[0].LinearCrossEntropy(x[1], Ids(x[0], [6], 3, 0, 5, 10, 3, 1)));
        yield return new("LinearCrossEntropy", "LinearCrossEntropy with everything", [new([6, 4], Layout.Transposed), new([11, 4], Layout.Transposed)],
            x => x[0].LinearCrossEntropy(x[1], Ids(x[0], [6], targets), 0.1, divisor: 17));
        yield return new("LinearCrossEntropy", "LinearCrossEntropy with a bias", [Of(6, 4), Of(11, 4), Of(11)], x => x[0].LinearCrossEntropy(x[1], Ids(x[0], [6], targets), 0.1, divisor: 17, bias: x[2]));
        yield return new("LinearCrossEntropy", "LinearCrossEntropy of several chunks", [Of(259, 5), Of(4099, 5), Of(4099)], x => x[0].LinearCrossEntropy(x[1], Many(x[0], 259, 4099), bias: x[2])) { Tolerance = 1e-5 };
    }

    private static IEnumerable<OpCase> Attention()
    {
        var random = new RandomStream(9);
        foreach (var (name, window) in new[] { ("causal", AttentionWindow.Causal), ("full", AttentionWindow.Full), ("sliding", AttentionWindow.Sliding(2)), ("two-sided", new AttentionWindow(1, 2)) })
        {
            foreach (var (what, layout, heads, keyHeads, size) in new[]
            {
                ("of one sequence", SequenceLayout.Batch(1, 7), 2, 2, 3), ("of a batch", SequenceLayout.Batch(2, 4), 1, 1, 5), ("of grouped heads", SequenceLayout.Batch(1, 5), 4, 2, 3),
                ("of one key head", SequenceLayout.Packed(3, 2), 3, 1, 2), ("of ragged sequences", SequenceLayout.Packed(1, 5, 0, 3), 2, 1, 3),
                ("of queries after cached keys", SequenceLayout.Continued(3, 8), 2, 1, 3), ("of ragged queries and keys", new SequenceLayout([0, 2, 2, 5], [0, 6, 7, 11]), 2, 2, 2),
                ("of fewer keys than queries", new SequenceLayout([0, 5, 6], [0, 3, 5]), 2, 1, 2), ("of many keys", SequenceLayout.Packed(150, 67), 4, 2, 17),
                ("of prefixes", SequenceLayout.Packed(5, 4).WithPrefixes(3, 0), 2, 1, 3), ("of many prefixes", SequenceLayout.Packed(150, 67).WithPrefixes(80, 67), 2, 2, 17),
            })
            {
                Input q = Of(layout.QueryCount, heads, size), k = Of(layout.KeyCount, keyHeads, size);
                yield return new("Attention", $"Attention {name} {what}", [q, k, k], x => TensorOps.Attention(x[0], x[1], x[2], layout, window)) { Tolerance = 5e-6 };
                if (what == "of ragged sequences" || what == "of grouped heads" || what == "of many keys")
                    yield return new("Attention", $"Attention {name} {what} with dropout", [q, k, k], x => TensorOps.Attention(x[0], x[1], x[2], layout, window, dropoutProbability: 0.4, dropout: random)) { Tolerance = 5e-6 };
            }
            foreach (var described in Described(name, window)) yield return described;
            var packed = SequenceLayout.Packed(4, 3);
            yield return new("Attention", $"Attention {name} of one packed projection", [Of(7, 3, 2, 3)], x =>
            {
                var parts = x[0].Reshape([7, 18]).Split(-1, 3);
                return TensorOps.Attention(Heads(parts[0]), Heads(parts[1]), Heads(parts[2]), packed, window, scale: 0.7);
            });
            foreach (var where in new[] { Layout.Contiguous, Layout.Transposed, Layout.Sliced })
                yield return new("SelfAttention", $"SelfAttention {name} {where.GetType().Name}", [new([7, 3, 2, 3], where)], x => TensorOps.SelfAttention(x[0], packed, window, scale: 0.7));
            var many = SequenceLayout.Packed(83, 67);
            yield return new("SelfAttention", $"SelfAttention {name} with dropout", [Of(150, 3, 2, 17)], x => TensorOps.SelfAttention(x[0], many, window, dropoutProbability: 0.4, dropout: random)) { Tolerance = 5e-6 };
        }

        static Tensor Heads(Tensor x) => x.Reshape([7, 2, 3]);
    }

    private static IEnumerable<OpCase> InsideAttention()
    {
        var random = new RandomStream(12);
        SequenceLayout even = SequenceLayout.Batch(2, 4), ragged = SequenceLayout.Packed(3, 1, 4);
        yield return new("AttentionScores", "AttentionScores of grouped heads", [Of(8, 4, 3), Of(8, 2, 3)], x => TensorOps.AttentionScores(x[0], x[1], even, AttentionWindow.Full)) { Tolerance = 1e-5 };
        yield return new("AttentionScores", "AttentionScores capped and biased", [Of(8, 4, 3), Of(8, 2, 3), Of(4, 7)], x => TensorOps.AttentionScores(x[0], x[1], even, AttentionWindow.Full, 0.9, new() { SoftCap = 0.8, Bias = new(x[2], -3) })) { Tolerance = 1e-5 };
        // Hidden scores are as good as minus infinity: their softmax is what can be compared.
        yield return new("AttentionScores", "AttentionScores of ragged sequences, causal", [Of(8, 2, 3), Of(8, 2, 3)], x => TensorOps.AttentionScores(x[0], x[1], ragged, AttentionWindow.Causal).Softmax()) { Tolerance = 1e-5 };
        yield return new("AttentionPattern", "AttentionPattern of ragged sequences, causal", [Of(8, 2, 4)], x => TensorOps.AttentionPattern(x[0], ragged, AttentionWindow.Causal)) { Tolerance = 1e-5 };
        yield return new("AttentionPattern", "AttentionPattern with sinks", [Of(8, 2, 4), Of(2)], x => TensorOps.AttentionPattern(x[0], even, AttentionWindow.Full, new() { Sinks = x[1] })) { Tolerance = 1e-5 };
        yield return new("AttentionRead", "AttentionRead of grouped heads", [Of(8, 4, 4), Of(8, 2, 3)], x => TensorOps.AttentionRead(x[0], x[1], ragged)) { Tolerance = 1e-5 };
        yield return new("AttentionRead", "AttentionRead with dropout", [Of(8, 2, 4), Of(8, 2, 3)], x => TensorOps.AttentionRead(x[0], x[1], even, 0.4, random)) { Tolerance = 1e-5 };
    }

    private static IEnumerable<OpCase> Clustered()
    {
        foreach (var axis in new[] { 0, 1, -1 })
            yield return new("ExclusiveSums", $"ExclusiveSums along {axis}", [Of(3, 4, 2)], x => x[0].ExclusiveSums(axis)) { Tolerance = 5e-6 };
        Clustering one = new([4, 0, 3, 1, 2, 5], [4, 0, 3, 1, 2, 5], SequenceLayout.Packed(3, 2, 1)), other = new([5, 4, 3, 2, 1, 0], [5, 4, 3, 2, 1, 0], SequenceLayout.Packed(6));
        Clustering late = new([1, 0], [0, 2, 5, 1, 3, 4], new([0, 1, 2], [0, 3, 6]));
        foreach (var (name, window) in new[] { ("causal", AttentionWindow.Causal), ("near", new AttentionWindow(1, 1)) })
        {
            yield return new("ClusteredAttention", $"ClusteredAttention {name} of one clustering", [Of(6, 3), Of(6, 3), Of(6, 3)], x => TensorOps.ClusteredAttention(x[0], x[1], x[2], [one], window)) { Tolerance = 5e-6 };
            yield return new("ClusteredAttention", $"ClusteredAttention {name} of three", [Of(6, 3), Of(6, 3), Of(6, 3)], x => TensorOps.ClusteredAttention(x[0], x[1], x[2], [one, other, one], window, 0.6, 3)) { Tolerance = 5e-6 };
            yield return new("ClusteredAttention", $"ClusteredAttention {name} of late queries", [Of(2, 3), Of(6, 3), Of(6, 3)], x => TensorOps.ClusteredAttention(x[0], x[1], x[2], [late], window, selfPenalty: 1)) { Tolerance = 5e-6 };
        }
    }

    private static IEnumerable<OpCase> Rotary()
    {
        foreach (var pairing in new[] { RotaryPairing.Halves, RotaryPairing.Neighbours })
        {
            foreach (var (rows, heads, size, pairs) in new[] { (3, 2, 6, 3), (4, 1, 7, 2), (1, 3, 2, 1), (70, 2, 40, 17) })
            {
                foreach (var where in rows == 3 ? new[] { Layout.Contiguous, Layout.Transposed, Layout.Sliced } : [Layout.Contiguous])
                {
                    yield return new("Rotary", $"Rotary {pairing} of {rows} rows {where.GetType().Name}", [new([rows, heads, size], where)], x =>
                    {
                        var angles = Enumerable.Range(0, rows * pairs).Select(i => (double)(i / pairs) / (1 + i % pairs)).ToArray();
                        return x[0].Rotary(Angles(Math.Cos), Angles(Math.Sin), pairing);

                        Tensor Angles(Func<double, double> function) => Tensor.From(Array.ConvertAll(angles, angle => function(angle)), [rows, pairs], x[0].Device).Cast(x[0].DType);
                    });
                }
            }
        }
    }

    /// <summary>Attention whose scores are capped, biased by distance and joined by a sink, one by one and together; last the tables.</summary>
    private static IEnumerable<OpCase> Described(string name, AttentionWindow window)
    {
        var random = new RandomStream(10);
        foreach (var (what, layout, heads, keyHeads, size, first, distances) in new[]
        {
            ("of grouped heads", SequenceLayout.Batch(1, 5), 4, 2, 3, -4, 9), ("of ragged sequences", SequenceLayout.Packed(1, 5, 0, 3), 2, 1, 3, 0, 3),
            ("of queries after cached keys", SequenceLayout.Continued(1, 8), 4, 2, 3, 0, 8), ("of fewer keys than queries", new SequenceLayout([0, 5, 6], [0, 3, 5]), 2, 1, 2, -1, 4),
            ("of many keys", SequenceLayout.Packed(150, 67, 3), 4, 2, 17, -40, 120),
        })
        {
            Input q = Of(layout.QueryCount, heads, size), k = Of(layout.KeyCount, keyHeads, size), bias = Of(heads, distances), sinks = Of(heads);
            yield return new("Attention", $"Attention {name} {what} capped", [q, k, k], x => TensorOps.Attention(x[0], x[1], x[2], layout, window, scores: new() { SoftCap = 0.8 })) { Tolerance = 1e-5 };
            yield return new("Attention", $"Attention {name} {what} biased", [q, k, k, bias], x => TensorOps.Attention(x[0], x[1], x[2], layout, window, scores: new() { Bias = new(x[3], first) })) { Tolerance = 1e-5 };
            yield return new("Attention", $"Attention {name} {what} with sinks", [q, k, k, sinks], x => TensorOps.Attention(x[0], x[1], x[2], layout, window, scores: new() { Sinks = x[3] })) { Tolerance = 1e-5 };
            yield return new("Attention", $"Attention {name} {what} with all of these and dropout", [q, k, k, bias, sinks], x =>
                TensorOps.Attention(x[0], x[1], x[2], layout, window, 0.9, 0.3, random, new() { SoftCap = 0.8, Bias = new(x[3], first), Sinks = x[4] }))
            { Tolerance = 1e-5 };
            // Block i sees blocks i, i − 2, i − 3, … and the one after the next.
            foreach (var side in new[] { 2, 64 })
            {
                var blocks = new BlockPattern(side, (i, count) => Enumerable.Range(0, count).Where(j => j != i - 1 && j != i + 1 && j < i + 3));
                yield return new("Attention", $"Attention {name} {what} in blocks of {side}", [q, k, k], x => TensorOps.Attention(x[0], x[1], x[2], layout, window, scores: new() { Pattern = blocks })) { Tolerance = 1e-5 };
                yield return new("Attention", $"Attention {name} {what} in blocks of {side} with all of these and dropout", [q, k, k, bias, sinks], x =>
                    TensorOps.Attention(x[0], x[1], x[2], layout, window, 0.9, 0.3, random, new() { SoftCap = 0.8, Bias = new(x[3], first), Sinks = x[4], Pattern = blocks }))
                { Tolerance = 1e-5 };
            }
        }
    }

    private static IEnumerable<OpCase> Recurrent()
    {
        foreach (var (what, layout, inputSize, size, bound) in new[]
        {
            ("of one sequence", SequenceLayout.Batch(1, 5), 2, 3, 1.0), ("of a batch", SequenceLayout.Batch(3, 4), 3, 2, 1.0), ("of ragged sequences", SequenceLayout.Packed(2, 0, 4, 1, 0), 2, 3, 1.0),
            ("of one unit", SequenceLayout.Packed(3, 2), 1, 1, 1.0), ("of one step", SequenceLayout.Batch(3, 1), 2, 3, 1.0), ("of two steps", SequenceLayout.Packed(1, 2), 2, 3, 1.0),
            ("of empty sequences", SequenceLayout.Packed(0, 0), 2, 3, 1.0), ("of no sequences", SequenceLayout.Packed(), 2, 3, 1.0),
            ("of many sequences", SequenceLayout.Packed([.. Enumerable.Range(0, 67).Select(i => i * 5 % 7)]), 5, 37, 0.5), ("of many units", SequenceLayout.Packed(3, 1, 2), 5, 401, 0.1),
        })
        {
            Input x = Of(layout.QueryCount, inputSize), state = Of(layout.Count, size);
            Input[] Weights(int gates) => [x, Of(gates * size, inputSize) with { Low = -bound, High = bound }, Of(gates * size, size) with { Low = -bound, High = bound }, Of(gates * size), Of(gates * size), state];
            var tolerance = size > 100 ? 2e-5 : 1e-5;
            yield return new("Lstm", $"Lstm {what}", [.. Weights(4), state], v => All(TensorOps.Lstm(v[0], layout, v[1], v[2], v[3], v[4], v[5], v[6]))) { Tolerance = tolerance };
            yield return new("Gru", $"Gru {what}", Weights(3), v => All(TensorOps.Gru(v[0], layout, v[1], v[2], v[3], v[4], v[5]))) { Tolerance = tolerance };
            yield return new("Rnn", $"Rnn {what}", Weights(1), v => All(TensorOps.Rnn(v[0], layout, v[1], v[2], v[3], v[4], v[5]))) { Tolerance = tolerance };
        }
        var packed = SequenceLayout.Packed(3, 2);
        yield return new("Lstm", "Lstm without biases and states", [Of(5, 2), Of(12, 2), Of(12, 3)], v => All(TensorOps.Lstm(v[0], packed, v[1], v[2]))) { Tolerance = 1e-5 };
        yield return new("Gru", "Gru without biases and states", [Of(5, 2), Of(9, 2), Of(9, 3)], v => All(TensorOps.Gru(v[0], packed, v[1], v[2]))) { Tolerance = 1e-5 };
        yield return new("Gru", "Gru with one bias", [Of(5, 2), Of(9, 2), Of(9, 3), Of(9)], v => All(TensorOps.Gru(v[0], packed, v[1], v[2], null, v[3]))) { Tolerance = 1e-5 };
        yield return new("Rnn", "Rnn without biases and states", [Of(5, 2), Of(3, 2), Of(3, 3)], v => All(TensorOps.Rnn(v[0], packed, v[1], v[2]))) { Tolerance = 1e-5 };
        yield return new("Lstm", "Lstm of views", [new([5, 2], Layout.Transposed), new([12, 2], Layout.Sliced), new([12, 3], Layout.Transposed), new([12], Layout.Repeated(0))], v => TensorOps.Lstm(v[0], packed, v[1], v[2], v[3]).Output) { Tolerance = 1e-5 };

        static Tensor All(ITuple results) => TensorOps.Concatenate(0, [.. Enumerable.Range(0, results.Length).Select(i => (Tensor)results[i]!)]);
    }

    private static IEnumerable<OpCase> Windows()
    {
        foreach (var (what, stride, padding, dilation) in new[] { ("of every place", 1, 0, 1), ("with padding", 1, 2, 1), ("with a stride", 2, 1, 1), ("with dilation", 1, 1, 2), ("with everything", 3, 2, 2) })
        {
            yield return new("Convolution1D", $"Convolution1D {what}", [Of(2, 7, 3), Of(4, 3, 3), Of(4)], x => x[0].Convolution1D(x[1], x[2], stride, padding, dilation));
            yield return new("Convolution2D", $"Convolution2D {what}", [Of(2, 5, 6, 2), Of(3, 2, 2, 3), Of(3)], x => x[0].Convolution2D(x[1], x[2], stride, padding, dilation));
        }
        yield return new("Convolution1D", "Convolution1D of views without a bias", [new([2, 7, 3], Layout.Transposed), new([4, 3, 2], Layout.Sliced)], x => x[0].Convolution1D(x[1]));
        yield return new("Convolution2D", "Convolution2D of many places", [Of(3, 21, 17, 5), Of(9, 5, 3, 3), Of(9)], x => x[0].Convolution2D(x[1], x[2], padding: 1)) { Tolerance = 1e-5 };
        yield return new("MaxPool1D", "MaxPool1D of neighbours", [Of(2, 7, 3)], x => x[0].MaxPool1D(2));
        yield return new("MaxPool1D", "MaxPool1D of overlapping windows of a view", [new([2, 7, 3], Layout.Transposed)], x => x[0].MaxPool1D(3, 1));
        yield return new("MaxPool2D", "MaxPool2D of squares", [Of(2, 5, 6, 3)], x => x[0].MaxPool2D(2));
        yield return new("MaxPool2D", "MaxPool2D of overlapping windows", [Of(2, 5, 6, 3)], x => x[0].MaxPool2D(3, 2));
        yield return new("MeanPool1D", "MeanPool1D of neighbours", [Of(2, 8, 3)], x => x[0].MeanPool1D(3, 2));
        yield return new("MaxOverTime", "MaxOverTime of ragged sequences", [Of(9, 4)], x => x[0].MaxOverTime(SequenceLayout.Packed(4, 1, 3, 1)));
    }

    private static Input Of(params int[] sizes) => new(Shape.Create(sizes), Layout.Contiguous);

    private static Tensor Ids(Tensor like, Shape shape, params int[] ids) => Tensor.From(ids, shape, like.Device);

    private static Tensor Many(Tensor like, int rows, int vocab) =>
        Ids(like, [rows], [.. Enumerable.Range(0, rows).Select(i => i % 9 == 4 ? TensorOps.IgnoreIndex : i * 7919 % vocab)]);
}
