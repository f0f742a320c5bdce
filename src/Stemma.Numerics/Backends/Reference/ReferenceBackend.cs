using System.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Reference;

/// <summary>
/// The definition: plain loops in the order in which one would write the formulas down, on one thread, float32 and float64.
/// Every other backend must equal it. Sums run in the element type, one after the other.
/// </summary>
internal sealed unsafe partial class ReferenceBackend : IBackend
{
    public void Copy(Tensor x, Tensor y)
    {
        if (x.DType == y.DType && x.IsContiguous && y.IsContiguous && x.Shape == y.Shape)
        {
            var bytes = x.Count * x.DType.Size();
            Buffer.MemoryCopy(Start(x), Start(y), bytes, bytes);
            return;
        }
        switch (x.DType)
        {
            case DType.Float32: To<float>(); break;
            case DType.Float64: To<double>(); break;
            case DType.BFloat16: To<BFloat16>(); break;
            default: To<int>(); break;
        }

        void To<TFrom>() where TFrom : unmanaged
        {
            switch (y.DType)
            {
                case DType.Float32: Convert<TFrom, float>(x, y); break;
                case DType.Float64: Convert<TFrom, double>(x, y); break;
                case DType.BFloat16: Convert<TFrom, BFloat16>(x, y); break;
                default: Convert<TFrom, int>(x, y); break;
            }
        }
    }

    public void Accumulate(Tensor x, Tensor y) => Each2<AddKernel>(y, x, y);

    public void Affine(Tensor x, double scale, double shift, Tensor y)
    {
        if (x.DType == DType.Float32) Run((float)scale, (float)shift);
        else Run(scale, shift);

        void Run<T>(T factor, T offset) where T : unmanaged, IFloatingPointIeee754<T>
        {
            Span<T> source = x.Span<T>(), target = y.Span<T>();
            for (var i = 0; i < source.Length; i++) target[i] = source[i] * factor + offset;
        }
    }

    public void Clamp(Tensor x, double low, double high, Tensor y)
    {
        if (x.DType == DType.Float32) Run((float)low, (float)high);
        else Run(low, high);

        void Run<T>(T least, T most) where T : unmanaged, IFloatingPointIeee754<T>
        {
            Span<T> source = x.Span<T>(), target = y.Span<T>();
            for (var i = 0; i < source.Length; i++) target[i] = T.Clamp(source[i], least, most);
        }
    }

    public void Map<TKernel>(Tensor x, Tensor y) where TKernel : struct, IUnaryKernel
    {
        if (x.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            Span<T> source = x.Span<T>(), target = y.Span<T>();
            for (var i = 0; i < source.Length; i++) target[i] = TKernel.Apply(source[i]);
        }
    }

    public void MapGradient<TKernel>(Tensor x, Tensor y, Tensor dy, Tensor dx) where TKernel : struct, IUnaryKernel
    {
        if (dx.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            T* input = x.Pointer<T>(), output = y.Pointer<T>(), outputGradient = dy.Pointer<T>(), gradient = dx.Pointer<T>();
            for (var i = 0L; i < dx.Count; i++) gradient[i] = TKernel.Gradient(input[i], output[i], outputGradient[i]);
        }
    }

    public void Zip<TKernel>(Tensor a, Tensor b, Tensor y) where TKernel : struct, IBinaryKernel => Each2<TKernel>(a, b, y);

    public void Reduce<TKernel>(Tensor x, int outer, int length, int inner, Tensor y) where TKernel : struct, IReductionKernel
    {
        if (x.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            T* source = x.Pointer<T>(), target = y.Pointer<T>();
            for (var o = 0L; o < outer; o++)
            {
                for (var i = 0L; i < inner; i++)
                {
                    var value = TKernel.Identity<T>();
                    for (var k = 0L; k < length; k++) value = TKernel.Combine(value, source[(o * length + k) * inner + i]);
                    target[o * inner + i] = value;
                }
            }
        }
    }

    public double SumOfSquares(Tensor x)
    {
        var sum = 0.0;
        if (x.DType == DType.Float32)
            foreach (var value in x.Span<float>()) sum += (double)value * value;
        else
            foreach (var value in x.Span<double>()) sum += value * value;
        return sum;
    }

    public void Gather(Tensor table, Tensor ids, Tensor y)
    {
        var rowBytes = (long)table.Shape[1] * table.DType.Size();
        byte* source = Start(table), target = Start(y);
        var rows = ids.Span<int>();
        for (var i = 0; i < rows.Length; i++) Buffer.MemoryCopy(source + rows[i] * rowBytes, target + i * rowBytes, rowBytes, rowBytes);
    }

    public void ScatterAdd(Tensor dy, Tensor ids, Tensor table)
    {
        if (dy.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            var size = table.Shape[1];
            T* source = dy.Pointer<T>(), target = table.Pointer<T>();
            var rows = ids.Span<int>();
            for (var i = 0L; i < rows.Length; i++)
                for (var k = 0L; k < size; k++) target[rows[(int)i] * (long)size + k] += source[i * size + k];
        }
    }

    public void Dropout(Tensor x, double probability, RandomStream stream, Tensor? residual, Tensor y)
    {
        if (x.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            T* source = x.Pointer<T>(), target = y.Pointer<T>();
            var (threshold, scale) = (RandomStream.DropoutThreshold(probability), T.CreateChecked(1 / (1 - probability)));
            var sum = residual is null ? null : residual.Pointer<T>();
            for (var i = 0L; i < x.Count; i++)
            {
                var kept = stream.Bits((ulong)i) >= threshold ? source[i] * scale : T.Zero;
                target[i] = sum is null ? kept : sum[i] + kept;
            }
        }
    }

    private static byte* Start(Tensor x) => (byte*)x.Storage.Pointer + x.Offset * x.DType.Size();

    private static void Convert<TFrom, TTo>(Tensor x, Tensor y) where TFrom : unmanaged where TTo : unmanaged
    {
        TFrom* source = x.Pointer<TFrom>();
        TTo* target = y.Pointer<TTo>();
        var from = x.Strides.Broadcast(x.Shape, y.Shape);
        var walk = new Walk(y.Shape, from, y.Strides);
        while (walk.Next(out var i, out var o)) target[o] = ConvertOne<TFrom, TTo>(source[i]);
    }

    private static TTo ConvertOne<TFrom, TTo>(TFrom value) where TFrom : unmanaged where TTo : unmanaged
    {
        if (value is TTo same) return same;
        var number = value switch { float f => f, double d => d, BFloat16 b => (float)b, int i => i, _ => 0.0 };
        if (typeof(TTo) == typeof(float)) return (TTo)(object)(float)number;
        if (typeof(TTo) == typeof(double)) return (TTo)(object)number;
        if (typeof(TTo) == typeof(BFloat16)) return (TTo)(object)(BFloat16)number;
        return (TTo)(object)(int)number;
    }

    private static void Each2<TKernel>(Tensor a, Tensor b, Tensor y) where TKernel : struct, IBinaryKernel
    {
        if (y.DType == DType.Float32) Run<float>();
        else Run<double>();

        void Run<T>() where T : unmanaged, IFloatingPointIeee754<T>
        {
            T* left = a.Pointer<T>(), right = b.Pointer<T>(), target = y.Pointer<T>();
            var first = new Walk(y.Shape, a.Strides.Broadcast(a.Shape, y.Shape), y.Strides);
            var second = new Walk(y.Shape, b.Strides.Broadcast(b.Shape, y.Shape), y.Strides);
            while (first.Next(out var i, out var o))
            {
                second.Next(out var k, out _);
                target[o] = TKernel.Apply(left[i], right[k]);
            }
        }
    }
}
