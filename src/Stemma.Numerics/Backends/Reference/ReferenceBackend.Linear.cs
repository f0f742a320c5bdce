using System.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Reference;

internal sealed unsafe partial class ReferenceBackend
{
    public void MatMulMap<TKernel>(Tensor a, Tensor b, Tensor? bias, Tensor? product, Tensor y) where TKernel : struct, IActivationKernel
    {
        MatMul(a, b, product ?? y, bias, accumulate: false);
        Map<TKernel>(product ?? y, y);
    }

    public void MatMulMapGradient<TKernel>(Tensor a, Tensor b, Tensor x, Tensor y, Tensor dx, Tensor? value) where TKernel : struct, IActivationKernel
    {
        MatMul(a, b, dx, null, accumulate: false);
        MapGradient<TKernel>(x, y, dx, dx);
        if (value is not null) Map<TKernel>(x, value);
    }

    public void MatMulDropout(Tensor a, Tensor b, Tensor? bias, DType product, double probability, RandomStream stream, Tensor residual, Tensor y)
    {
        Tensor stored = Tensor.Empty(y.Shape, product, y.Device), x = Tensor.Empty(y.Shape, y.DType, y.Device);
        MatMul(a, b, stored, bias, accumulate: false);
        Copy(stored, x);
        Dropout(x, probability, stream, residual, y);
    }

    public void MatMul(Tensor a, Tensor b, Tensor c, Tensor? bias, bool accumulate)
    {
        if (a.DType == DType.BFloat16 || b.DType == DType.BFloat16 || c.DType == DType.BFloat16)
        {
            // The same values in float32: their products are exact, and the sums are rounded once at the end.
            var sums = Tensor.Empty(c.Shape, DType.Float32, c.Device);
            if (accumulate) Copy(c, sums);
            MatMul(Widened(a), Widened(b), sums, bias, accumulate);
            Copy(sums, c);
            return;
        }
        if (c.DType == DType.Float32) Run<float>();
        else Run<double>();

        Tensor Widened(Tensor x)
        {
            if (x.DType == DType.Float32) return x;
            var y = Tensor.Empty(x.Shape, DType.Float32, x.Device);
            Copy(x, y);
            return y;
        }

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            var (rank, m, n, k) = (c.Rank, c.Shape[-2], c.Shape[-1], a.Shape[-1]);
            T* left = a.Pointer<T>(), right = b.Pointer<T>(), target = c.Pointer<T>();
            T* offset = bias is null ? null : bias.Pointer<T>();
            var (rowA, columnA) = (a.Strides[a.Rank - 2], a.Strides[a.Rank - 1]);
            var (rowB, columnB) = (b.Strides[b.Rank - 2], b.Strides[b.Rank - 1]);
            var (rowC, columnC) = (c.Strides[rank - 2], c.Strides[rank - 1]);
            Shape matrices = c.Shape.With(-1, 1).With(-2, 1);
            var walkA = new Walk(matrices, a.Strides.Broadcast(a.Shape.With(-1, 1).With(-2, 1), matrices), c.Strides);
            var walkB = new Walk(matrices, b.Strides.Broadcast(b.Shape.With(-1, 1).With(-2, 1), matrices), c.Strides);
            while (walkA.Next(out var atA, out var atC))
            {
                walkB.Next(out var atB, out _);
                for (var i = 0L; i < m; i++)
                {
                    for (var j = 0L; j < n; j++)
                    {
                        var sum = T.Zero;
                        for (var p = 0L; p < k; p++) sum += left[atA + i * rowA + p * columnA] * right[atB + p * rowB + j * columnB];
                        if (offset is not null) sum += offset[j];
                        var at = atC + i * rowC + j * columnC;
                        target[at] = accumulate ? target[at] + sum : sum;
                    }
                }
            }
        }
    }
}
