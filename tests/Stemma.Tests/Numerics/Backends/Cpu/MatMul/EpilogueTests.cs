using System.Runtime.Intrinsics;
using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.MatMul;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.MatMul;

/// <summary>What follows a product has, inside it, the bits it has as a pass of its own: of every kernel, at odd shapes, in both storage types.</summary>
public sealed unsafe class EpilogueTests : IDisposable
{
    private static readonly RandomStream s_dropout = new(8, 3);
    private readonly WorkerPool _pool = new(2);

    public static TheoryData<string> Kernels => MatMulTests.Kernels;

    public void Dispose() => _pool.Dispose();

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_epilogue_has_the_bits_of_a_pass_of_its_own(string name)
    {
        // Few rows and many, one block of k and several, parts of vectors, no depth.
        foreach (var (rows, columns, depth) in new[] { (1, 37, 5), (1, 200, 41), (3, 16, 1), (14, 130, 20), (33, 9, 770), (61, 97, 401), (250, 33, 30), (5, 7, 0) })
        {
            foreach (var stored in new[] { DType.Float32, DType.BFloat16 })
            {
                foreach (var transposed in new[] { false, true })
                {
                    if (stored == DType.BFloat16) Check<BFloat16>(name, rows, columns, depth, transposed);
                    else Check<float>(name, rows, columns, depth, transposed);
                }
            }
        }
    }

    private void Check<T>(string name, int rows, int columns, int depth, bool transposed) where T : unmanaged
    {
        var kernel = ProcessorLevels.Available.Where(level => level <= ProcessorLevels.Current).Select(MatMulKernel.For).First(kernel => kernel.Name == name);
        var type = typeof(T) == typeof(float) ? DType.Float32 : DType.BFloat16;
        var count = (long)rows * columns;
        using var a = new NativeArray((long)rows * depth, 1, bfloat16: type == DType.BFloat16);
        using var b = new NativeArray((long)columns * depth, 2);
        using var bias = new NativeArray(columns, 3);
        using var residual = new NativeArray(count, 4);
        using var at = new NativeArray(count, 5, bfloat16: type == DType.BFloat16);
        using var product = new NativeArray(count, 6, bfloat16: type == DType.BFloat16);
        using var x = new NativeArray(count, 7, bfloat16: type == DType.BFloat16);
        using var y = new NativeArray(count, 8, bfloat16: type == DType.BFloat16);
        using var value = new NativeArray(count, 9, bfloat16: type == DType.BFloat16);
        using var sum = new NativeArray(count, 9);
        var what = $"{name}: {rows}x{columns}x{depth}, {type}, transposed {transposed}";

        Run(product, null);
        Run(y, new MapEpilogue<GeluTanhKernel, T>((T*)x.Start, (T*)y.Start, columns));
        Same(product, x, "the product");
        Each((i, left) => Stored<T>.Store(GeluTanhKernel.Apply(Stored<T>.Load((T*)product.Start + i, left)), (T*)x.Start + i, left));
        Same(x, y, "the activation beside its product");
        Run(y, new MapEpilogue<GeluTanhKernel, T>(null, (T*)y.Start, columns));
        Same(x, y, "the activation");

        Gradient<GeluKernel>();
        Gradient<GeluTanhKernel>();
        Gradient<ReluKernel>();
        Gradient<SiluKernel>();

        foreach (var probability in new[] { 0, 0.4 })
        {
            Run(sum, new ResidualEpilogue<T>(residual.Pointer, sum.Pointer, columns, probability, s_dropout));
            var (products, before, after) = (product.ToArray(), residual.ToArray(), sum.ToArray());
            var (threshold, scale) = (RandomStream.DropoutThreshold(probability), (float)(1 / (1 - probability)));
            for (var i = 0; i < count; i++)
                Assert.True(before[i] + (s_dropout.Bits((ulong)i) >= threshold ? products[i] * scale : 0) == after[i], $"{what}: element {i} of the residual with dropout {probability}");
        }

        void Gradient<TKernel>() where TKernel : struct, IActivationKernel
        {
            // What ReLU gave it knows of by its sign, as it does of what it was given.
            Each((i, left) => Stored<T>.Store(TKernel.Gradient(Stored<T>.Load((T*)at.Start + i, left), Stored<T>.Load((T*)at.Start + i, left), Stored<T>.Load((T*)product.Start + i, left)), (T*)x.Start + i, left));
            Run(y, new MapGradientEpilogue<TKernel, T>((T*)at.Start, (T*)at.Start, (T*)y.Start, null, columns));
            Same(x, y, $"the gradient of {typeof(TKernel).Name}");
            Run(y, new MapGradientEpilogue<TKernel, T>((T*)at.Start, (T*)at.Start, (T*)y.Start, (T*)value.Start, columns));
            Same(x, y, $"the gradient of {typeof(TKernel).Name} beside its value");
            Each((i, left) => Stored<T>.Store(TKernel.Apply(Stored<T>.Load((T*)at.Start + i, left)), (T*)x.Start + i, left));
            Same(x, value, $"the value of {typeof(TKernel).Name} beside its gradient");
        }

        void Run(NativeArray c, Epilogue? epilogue)
        {
            kernel.Run(_pool, new MatMulArguments
            {
                Rows = rows,
                Columns = columns,
                Depth = depth,
                A = a.Start,
                TypeA = a.Type,
                StrideA = depth,
                B = b.Start,
                StrideB = transposed ? depth : columns,
                TransposeB = transposed,
                C = c.Start,
                TypeC = c.Type,
                StrideC = columns,
                Bias = bias.Pointer,
                Epilogue = epilogue,
                Precision = type == DType.BFloat16 ? MatMulPrecision.BFloat16 : MatMulPrecision.Float32,
            });
        }

        void Each(Action<nint, nint> body)
        {
            for (nint i = 0; i < count; i += Vector512<float>.Count) body(i, (nint)count - i);
        }

        void Same(NativeArray expected, NativeArray actual, string part) => Assert.True(expected.Bytes.SequenceEqual(actual.Bytes), $"{what}: {part}");
    }
}
