using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Bench;

/// <summary>`micro`: small operations, one by one, by BenchmarkDotNet: time with its error, and managed bytes. Its options follow: `micro --filter *Gelu*`.</summary>
[MemoryDiagnoser]
public class MicroBench
{
    private const int Rows = 256, Width = 384;
    private readonly Device _device = Device.CreateCpu(1);
    private readonly Tensor _x, _square, _weight, _bias, _targets;
    private readonly Tensor _qkv;
    private readonly SequenceLayout _layout = SequenceLayout.Batch(1, Rows);

    public MicroBench()
    {
        var random = new RandomStream(1337);
        _x = Filled(Rows, Width);
        _square = Filled(64, 64);
        (_weight, _bias) = (Filled(Width), Filled(Width));
        _qkv = Filled(Rows, 3, 6, 64);
        _targets = Tensor.Zeros([Rows], DType.Int32, _device);

        Tensor Filled(params ReadOnlySpan<int> sizes)
        {
            var shape = Shape.Create(sizes);
            var values = new float[shape.Count];
            for (var i = 0; i < values.Length; i++) values[i] = (float)(2 * random.Uniform((ulong)i) - 1);
            return Tensor.From(values, shape, _device);
        }
    }

    internal static int Run(string[] args)
    {
        // In this process: a project of its own for every benchmark would be built with this repository's warnings as errors.
        var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
        BenchmarkSwitcher.FromTypes([typeof(MicroBench)]).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
        return 0;
    }

    [Benchmark]
    public void Add() => Scoped(() => _x + _x);

    [Benchmark]
    public void GeluTanh() => Scoped(() => _x.GeluTanh());

    [Benchmark]
    public void Exp() => Scoped(() => _x.Exp());

    [Benchmark]
    public void LayerNorm() => Scoped(() => _x.LayerNorm(_weight, _bias));

    [Benchmark]
    public void RmsNorm() => Scoped(() => _x.RmsNorm(_weight));

    [Benchmark]
    public void Softmax() => Scoped(() => _x.Softmax());

    [Benchmark]
    public void CrossEntropy() => Scoped(() => _x.CrossEntropy(_targets));

    [Benchmark]
    public void Dropout() => Scoped(() => _x.Dropout(0.2, new RandomStream(1)));

    [Benchmark]
    public void Sum() => Scoped(() => _x.Sum());

    [Benchmark]
    public void Transpose() => Scoped(() => _x.Transposed.Contiguous());

    [Benchmark]
    public void MatMul64() => Scoped(() => _square.MatMul(_square));

    [Benchmark]
    public void Attention256() => Scoped(() => TensorOps.SelfAttention(_qkv, _layout, AttentionWindow.Causal));

    private static void Scoped(Func<Tensor> operation)
    {
        using var scope = Memory.Scope();
        operation();
    }
}
