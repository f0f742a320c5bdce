using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// Long short-term memory over packed sequences: c_t = f ⊙ c_{t−1} + i ⊙ g, h_t = o ⊙ tanh c_t with gates i, f, o = σ(W_x·x_t + b_x +
    /// W_h·h_{t−1} + b_h), g = tanh(…). Hochreiter and Schmidhuber 1997; forget gate of Gers et al. 2000. One row per sequence is one step of decoding.
    /// </summary>
    /// <param name="x">[rows, input], the sequences one after the other.</param>
    /// <param name="layout">Where the rows of each sequence begin and end; a sequence may have none.</param>
    /// <param name="weightInput">[4 · hidden, input], gates in the order i, f, g, o.</param>
    /// <param name="weightHidden">[4 · hidden, hidden].</param>
    /// <param name="biasInput">[4 · hidden], or none.</param>
    /// <param name="biasHidden">[4 · hidden], or none.</param>
    /// <param name="hidden">[sequences, hidden]: h before the first row; zeros when null.</param>
    /// <param name="cell">[sequences, hidden]: c before the first row; zeros when null.</param>
    /// <returns>h_t of every row [rows, hidden], and the last h and c of each sequence [sequences, hidden].</returns>
    /// <exception cref="ArgumentException">Shapes or element types that do not fit.</exception>
    public static (Tensor Output, Tensor Hidden, Tensor Cell) Lstm(
        Tensor x, SequenceLayout layout, Tensor weightInput, Tensor weightHidden, Tensor? biasInput = null, Tensor? biasHidden = null, Tensor? hidden = null, Tensor? cell = null)
    {
        var y = Recurrence<LstmCell>(x, layout, weightInput, weightHidden, biasInput, biasHidden, hidden, cell);
        return (y.Slice(0, 0, layout.QueryCount), y.Slice(0, layout.QueryCount, layout.Count), y.Slice(0, layout.QueryCount + layout.Count, layout.Count));
    }
}

/// <summary>Gates i, f, g, o; memory is the cell.</summary>
internal readonly unsafe struct LstmCell : IRecurrentCell
{
    public static string Name => "An LSTM";

    public static int GateCount => 4;

    public static bool HasCell => true;

    public static bool ScalesProduct => false;

    public static (Tensor Hidden, Tensor? Cell) Step(Tensor inputs, Tensor products, Tensor hidden, Tensor? cell)
    {
        var gates = (inputs + products).Split(-1, 4);
        cell = gates[1].Sigmoid() * cell! + gates[0].Sigmoid() * gates[2].Tanh();
        return (gates[3].Sigmoid() * cell.Tanh(), cell);
    }

    public static void Step<T>(in CellStep<T> row) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* i = row.Gates, f = i + row.GateStep, g = f + row.GateStep, o = g + row.GateStep;
        T* p = row.Products;
        for (nint u = 0; u < row.Count; u++)
        {
            i[u] = SigmoidKernel.Apply(i[u] + p[u]);
            f[u] = SigmoidKernel.Apply(f[u] + p[row.ProductStep + u]);
            g[u] = T.Tanh(g[u] + p[2 * row.ProductStep + u]);
            o[u] = SigmoidKernel.Apply(o[u] + p[3 * row.ProductStep + u]);
            row.Memory[u] = f[u] * row.MemoryBefore[u] + i[u] * g[u];
            row.Hidden[u] = o[u] * T.Tanh(row.Memory[u]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StepVectors(in CellStep<float> row)
    {
        float* gates = row.Gates, p = row.Products;
        nint step = row.GateStep, productStep = row.ProductStep;
        for (nint u = 0; u < row.Count; u += VectorMath.Width)
        {
            var left = row.Count - u;
            var i = VectorMath.Sigmoid(VectorMath.Load(gates + u, left) + VectorMath.Load(p + u, left));
            var f = VectorMath.Sigmoid(VectorMath.Load(gates + step + u, left) + VectorMath.Load(p + productStep + u, left));
            var g = VectorMath.Tanh(VectorMath.Load(gates + 2 * step + u, left) + VectorMath.Load(p + 2 * productStep + u, left));
            var o = VectorMath.Sigmoid(VectorMath.Load(gates + 3 * step + u, left) + VectorMath.Load(p + 3 * productStep + u, left));
            var c = f * VectorMath.Load(row.MemoryBefore + u, left) + i * g;
            VectorMath.Store(i, gates + u, left);
            VectorMath.Store(f, gates + step + u, left);
            VectorMath.Store(g, gates + 2 * step + u, left);
            VectorMath.Store(o, gates + 3 * step + u, left);
            VectorMath.Store(c, row.Memory + u, left);
            VectorMath.Store(o * VectorMath.Tanh(c), row.Hidden + u, left);
        }
    }

    public static void Gradient<T>(in CellGradient<T> row) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* i = row.Gates, f = i + row.GateStep, g = f + row.GateStep, o = g + row.GateStep;
        for (nint u = 0; u < row.Count; u++)
        {
            var dh = row.Output[u] + row.Products[u];
            var tanh = T.Tanh(row.Memory[u]);
            var dc = row.Carry[u] + dh * o[u] * (T.One - tanh * tanh);
            row.Carry[u] = dc * f[u];
            var di = dc * g[u] * i[u] * (T.One - i[u]);
            f[u] = dc * row.MemoryBefore[u] * f[u] * (T.One - f[u]);
            g[u] = dc * i[u] * (T.One - g[u] * g[u]);
            o[u] = dh * tanh * o[u] * (T.One - o[u]);
            i[u] = di;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GradientVectors(in CellGradient<float> row)
    {
        var gates = row.Gates;
        var step = row.GateStep;
        var one = Vector512<float>.One;
        for (nint u = 0; u < row.Count; u += VectorMath.Width)
        {
            var left = row.Count - u;
            var i = VectorMath.Load(gates + u, left);
            var f = VectorMath.Load(gates + step + u, left);
            var g = VectorMath.Load(gates + 2 * step + u, left);
            var o = VectorMath.Load(gates + 3 * step + u, left);
            var dh = VectorMath.Load(row.Output + u, left) + VectorMath.Load(row.Products + u, left);
            var tanh = VectorMath.Tanh(VectorMath.Load(row.Memory + u, left));
            var dc = VectorMath.Load(row.Carry + u, left) + dh * o * (one - tanh * tanh);
            VectorMath.Store(dc * f, row.Carry + u, left);
            VectorMath.Store(dc * g * i * (one - i), gates + u, left);
            VectorMath.Store(dc * VectorMath.Load(row.MemoryBefore + u, left) * f * (one - f), gates + step + u, left);
            VectorMath.Store(dc * i * (one - g * g), gates + 2 * step + u, left);
            VectorMath.Store(dh * tanh * o * (one - o), gates + 3 * step + u, left);
        }
    }
}
