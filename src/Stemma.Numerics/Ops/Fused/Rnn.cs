using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The simple recurrent network over packed sequences: h_t = tanh(W_x·x_t + b_x + W_h·h_{t−1} + b_h). Elman 1990, "Finding Structure in Time".</summary>
    /// <param name="x">[rows, input], the sequences one after the other.</param>
    /// <param name="layout">Where the rows of each sequence begin and end; a sequence may have none.</param>
    /// <param name="weightInput">[hidden, input].</param>
    /// <param name="weightHidden">[hidden, hidden].</param>
    /// <param name="biasInput">[hidden], or none.</param>
    /// <param name="biasHidden">[hidden], or none.</param>
    /// <param name="hidden">[sequences, hidden]: h before the first row; zeros when null.</param>
    /// <returns>h_t of every row [rows, hidden], and the last of each sequence [sequences, hidden].</returns>
    /// <exception cref="ArgumentException">Shapes or element types that do not fit.</exception>
    public static (Tensor Output, Tensor Hidden) Rnn(
        Tensor x, SequenceLayout layout, Tensor weightInput, Tensor weightHidden, Tensor? biasInput = null, Tensor? biasHidden = null, Tensor? hidden = null)
    {
        var y = Recurrence<RnnCell>(x, layout, weightInput, weightHidden, biasInput, biasHidden, hidden, null);
        return (y.Slice(0, 0, layout.QueryCount), y.Slice(0, layout.QueryCount, layout.Count));
    }
}

/// <summary>One gate, which is the state.</summary>
internal readonly unsafe struct RnnCell : IRecurrentCell
{
    public static string Name => "A recurrent network";

    public static int GateCount => 1;

    public static bool HasCell => false;

    public static bool ScalesProduct => false;

    public static (Tensor Hidden, Tensor? Cell) Step(Tensor inputs, Tensor products, Tensor hidden, Tensor? cell) => ((inputs + products).Tanh(), null);

    public static void Step<T>(in CellStep<T> row) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (nint u = 0; u < row.Count; u++) row.Hidden[u] = T.Tanh(row.Gates[u] + row.Products[u]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StepVectors(in CellStep<float> row)
    {
        for (nint u = 0; u < row.Count; u += VectorMath.Width)
            VectorMath.Store(VectorMath.Tanh(VectorMath.Load(row.Gates + u, row.Count - u) + VectorMath.Load(row.Products + u, row.Count - u)), row.Hidden + u, row.Count - u);
    }

    public static void Gradient<T>(in CellGradient<T> row) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (nint u = 0; u < row.Count; u++) row.Gates[u] = (row.Output[u] + row.Products[u]) * (T.One - row.Hidden[u] * row.Hidden[u]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GradientVectors(in CellGradient<float> row)
    {
        for (nint u = 0; u < row.Count; u += VectorMath.Width)
        {
            var left = row.Count - u;
            var h = VectorMath.Load(row.Hidden + u, left);
            VectorMath.Store((VectorMath.Load(row.Output + u, left) + VectorMath.Load(row.Products + u, left)) * (Vector512<float>.One - h * h), row.Gates + u, left);
        }
    }
}
