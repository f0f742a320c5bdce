using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>An operation with inputs to try it on.</summary>
/// <param name="Op">The method of <see cref="TensorOps"/>.</param>
/// <param name="Name">The method and what is special here.</param>
/// <param name="Inputs">Every one is differentiated.</param>
/// <param name="Run">The operation.</param>
public sealed record OpCase(string Op, string Name, Input[] Inputs, Func<Tensor[], Tensor> Run)
{
    /// <summary>How far float32 may be from float64, in max|a − b| ÷ max|b|, of the value and of the gradients.</summary>
    public double Tolerance { get; init; } = 2e-6;

    /// <summary>Whether it is small enough to differentiate it number by number.</summary>
    public bool IsSmall => Inputs.Sum(input => input.Layout.Base(input.Shape).Count) <= 400;

    public Tensor[] Bases()
    {
        var random = new RandomStream(11).Fork(Name);
        return [.. Inputs.Select((input, i) => input.Base(random.Fork((ulong)i)))];
    }

    /// <summary>Σ y ⊙ c with a fixed random c: the scalar whose gradients are compared. <paramref name="y"/> is the value.</summary>
    public Tensor Loss(Tensor[] bases, out Tensor y)
    {
        y = Run([.. bases.Select((x, i) => Inputs[i].View(x))]);
        var c = new Input(y.Shape, Layout.Contiguous, -1, 1).Base(new RandomStream(12).Fork(Name)).To(y.Device).Cast(y.DType);
        return (y * c).Sum();
    }

    /// <summary>The value and the gradients with respect to the bases.</summary>
    public (double[] Value, double[][] Gradients) Evaluate(Device device, DType dtype, bool higherOrder = false)
    {
        Tensor[] bases = [.. Bases().Select(x => x.To(device).Cast(dtype).WithGradient())];
        using var tape = Tape.Start(higherOrder);
        var loss = Loss(bases, out var y);
        var value = Doubles(y);
        var gradients = tape.Backward(loss);
        return (value, [.. bases.Select(x => gradients.TryGet(x, out var gradient) ? Doubles(gradient) : new double[x.Count])]);
    }

    public override string ToString() => Name;

    private static double[] Doubles(Tensor x) => x.Detach().Cast(DType.Float64).ToArray<double>();
}
