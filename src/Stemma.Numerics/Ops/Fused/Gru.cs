using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// Gated recurrent units over packed sequences: h_t = (1 − z) ⊙ n + z ⊙ h_{t−1} with r, z = σ(W_x·x_t + b_x + W_h·h_{t−1} + b_h) and
    /// n = tanh(W_x·x_t + b_x + r ⊙ (W_h·h_{t−1} + b_h)). Cho et al. 2014, arXiv:1406.1078; like PyTorch, the reset gate follows the product.
    /// </summary>
    /// <param name="x">[rows, input], the sequences one after the other.</param>
    /// <param name="layout">Where the rows of each sequence begin and end; a sequence may have none.</param>
    /// <param name="weightInput">[3 · hidden, input], gates in the order r, z, n.</param>
    /// <param name="weightHidden">[3 · hidden, hidden].</param>
    /// <param name="biasInput">[3 · hidden], or none.</param>
    /// <param name="biasHidden">[3 · hidden], or none.</param>
    /// <param name="hidden">[sequences, hidden]: h before the first row; zeros when null.</param>
    /// <returns>h_t of every row [rows, hidden], and the last of each sequence [sequences, hidden].</returns>
    /// <exception cref="ArgumentException">Shapes or element types that do not fit.</exception>
    public static (Tensor Output, Tensor Hidden) Gru(
        Tensor x, SequenceLayout layout, Tensor weightInput, Tensor weightHidden, Tensor? biasInput = null, Tensor? biasHidden = null, Tensor? hidden = null)
    {
        var y = Recurrence<GruCell>(x, layout, weightInput, weightHidden, biasInput, biasHidden, hidden, null);
        return (y.Slice(0, 0, layout.QueryCount), y.Slice(0, layout.QueryCount, layout.Count));
    }
}

/// <summary>Gates r, z, n; memory is the product that r scales.</summary>
internal readonly unsafe struct GruCell : IRecurrentCell
{
    public static string Name => "A GRU";

    public static int GateCount => 3;

    public static bool HasCell => false;

    public static bool ScalesProduct => true;

    public static (Tensor Hidden, Tensor? Cell) Step(Tensor inputs, Tensor products, Tensor hidden, Tensor? cell)
    {
        var (x, p) = (inputs.Split(-1, 3), products.Split(-1, 3));
        var z = (x[1] + p[1]).Sigmoid();
        var n = (x[2] + (x[0] + p[0]).Sigmoid() * p[2]).Tanh();
        return ((1 - z) * n + z * hidden, null);
    }

    public static void Step<T>(in CellStep<T> row) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* r = row.Gates, z = r + row.GateStep, n = z + row.GateStep;
        T* p = row.Products;
        for (nint u = 0; u < row.Count; u++)
        {
            r[u] = SigmoidKernel.Apply(r[u] + p[u]);
            z[u] = SigmoidKernel.Apply(z[u] + p[row.ProductStep + u]);
            row.Memory[u] = p[2 * row.ProductStep + u];
            n[u] = T.Tanh(n[u] + r[u] * row.Memory[u]);
            row.Hidden[u] = (T.One - z[u]) * n[u] + z[u] * row.Previous[u];
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
            var r = VectorMath.Sigmoid(VectorMath.Load(gates + u, left) + VectorMath.Load(p + u, left));
            var z = VectorMath.Sigmoid(VectorMath.Load(gates + step + u, left) + VectorMath.Load(p + productStep + u, left));
            var product = VectorMath.Load(p + 2 * productStep + u, left);
            var n = VectorMath.Tanh(VectorMath.Load(gates + 2 * step + u, left) + r * product);
            VectorMath.Store(r, gates + u, left);
            VectorMath.Store(z, gates + step + u, left);
            VectorMath.Store(n, gates + 2 * step + u, left);
            VectorMath.Store(product, row.Memory + u, left);
            VectorMath.Store((Vector512<float>.One - z) * n + z * VectorMath.Load(row.Previous + u, left), row.Hidden + u, left);
        }
    }

    public static void Gradient<T>(in CellGradient<T> row) where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* r = row.Gates, z = r + row.GateStep, n = z + row.GateStep;
        for (nint u = 0; u < row.Count; u++)
        {
            var dh = row.Output[u] + row.Products[u] + row.Carry[u];
            row.Carry[u] = dh * z[u];
            var dn = dh * (T.One - z[u]) * (T.One - n[u] * n[u]);
            z[u] = dh * (row.Previous[u] - n[u]) * z[u] * (T.One - z[u]);
            n[u] = dn;
            var product = row.Memory[u];
            row.Memory[u] = dn * r[u];
            r[u] = dn * product * r[u] * (T.One - r[u]);
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
            var r = VectorMath.Load(gates + u, left);
            var z = VectorMath.Load(gates + step + u, left);
            var n = VectorMath.Load(gates + 2 * step + u, left);
            var dh = VectorMath.Load(row.Output + u, left) + VectorMath.Load(row.Products + u, left) + VectorMath.Load(row.Carry + u, left);
            var dn = dh * (one - z) * (one - n * n);
            VectorMath.Store(dh * z, row.Carry + u, left);
            VectorMath.Store(dn * VectorMath.Load(row.Memory + u, left) * r * (one - r), gates + u, left);
            VectorMath.Store(dh * (VectorMath.Load(row.Previous + u, left) - n) * z * (one - z), gates + step + u, left);
            VectorMath.Store(dn, gates + 2 * step + u, left);
            VectorMath.Store(dn * r, row.Memory + u, left);
        }
    }
}
