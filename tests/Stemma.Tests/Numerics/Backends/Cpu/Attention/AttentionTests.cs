using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.Attention;
using Stemma.Numerics.Backends.Cpu.Emitted;
using Stemma.Tests.Numerics.Backends.Cpu.Emitted;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Attention;

public sealed unsafe class AttentionTests : IDisposable
{
    private readonly WorkerPool _pool = new(2);

    private static readonly Dictionary<string, AttentionKernel> s_kernels = AllKernels();

    /// <summary>Every kernel that this processor runs.</summary>
    public static TheoryData<string> Kernels => [.. s_kernels.Keys];

    public void Dispose() => _pool.Dispose();

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Causal_attention_and_its_gradients_equal_plain_loops(string kernel) =>
        Check(kernel, heads: 4, kvHeads: 2, size: 16, [(70, 70), (1, 1), (0, 0), (5, 133), (1, 80)], int.MaxValue, 0);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Full_attention_equals_plain_loops(string kernel) =>
        Check(kernel, heads: 3, kvHeads: 1, size: 20, [(33, 97), (17, 3), (2, 65)], int.MaxValue, int.MaxValue);

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Windowed_attention_equals_plain_loops(string kernel)
    {
        Check(kernel, heads: 2, kvHeads: 2, size: 7, [(140, 140), (3, 90)], 5, 0);
        Check(kernel, heads: 2, kvHeads: 1, size: 33, [(75, 75)], 70, 9);
        Check(kernel, heads: 1, kvHeads: 1, size: 8, [(20, 10)], 2, 0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Dropped_attention_equals_plain_loops(string kernel) =>
        Check(kernel, heads: 4, kvHeads: 2, size: 16, [(67, 67), (1, 66), (18, 30)], int.MaxValue, 0, new AttentionDropout(0.3f, 11, 5));

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Prompt_processing_equals_decoding_one_token_at_a_time_to_the_bit(string kernel)
    {
        const int Count = 150;
        foreach (var left in new[] { int.MaxValue, 40 })
        {
            using var prompt = new AttentionProblem(4, 2, 24, [(Count, Count)], left, 0);
            prompt.Forward(Kernel(kernel), _pool);
            var expected = prompt.Output.ToArray();
            var logSumExp = prompt.LogSumExp.ToArray();
            prompt.Output.Clear();
            prompt.LogSumExp.Clear();
            for (var i = 0; i < Count; i++)
            {
                var m = prompt.Arguments;
                var one = m with
                {
                    Query = new HeadRows(m.Query.At(i, 0), m.Query.RowStride, m.Query.HeadStride),
                    Output = new HeadRows(m.Output.At(i, 0), m.Output.RowStride, m.Output.HeadStride),
                    LogSumExp = m.LogSumExp + i * m.HeadCount,
                };
                Kernel(kernel).Forward(_pool, one, [0, 1], [0, i + 1]);
            }
            Assert.True(prompt.Output.SequenceEqual(expected));
            Assert.True(prompt.LogSumExp.SequenceEqual(logSumExp));
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Thread_counts_give_the_same_bits(string kernel)
    {
        ThreadCountsGiveTheSameBits(Kernel(kernel), new AttentionProblem(4, 2, 32, [(130, 130), (40, 90), (1, 70)], int.MaxValue, 0, new AttentionDropout(0.1f, 3, 4)));
        ThreadCountsGiveTheSameBits(Kernel(kernel), new AttentionProblem(2, 1, 24, [(200, 210)], 90, 3));
    }

    private static void ThreadCountsGiveTheSameBits(AttentionKernel kernel, AttentionProblem problem)
    {
        using var owned = problem;
        float[]? first = null;
        foreach (var threads in new[] { 1, 2, 3, 7 })
        {
            using var pool = new WorkerPool(threads);
            problem.Forward(kernel, pool);
            problem.Backward(kernel, pool);
            float[] all = [.. problem.Output, .. problem.LogSumExp, .. problem.QueryGradient, .. problem.KeyValueGradient];
            first ??= all;
            Assert.True(first.AsSpan().SequenceEqual(all));
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Noting_what_dropout_keeps_changes_no_bit(string kernel)
    {
        foreach (var (left, right) in new[] { (int.MaxValue, 0), (50, 3), (int.MaxValue, int.MaxValue) })
        {
            var expected = Results(keeps: false);
            Assert.True(expected.AsSpan().SequenceEqual(Results(keeps: true)));

            float[] Results(bool keeps)
            {
                using var problem = new AttentionProblem(4, 2, 24, [(67, 67), (1, 66), (0, 0), (18, 130), (1, 1), (130, 131)], left, right, new AttentionDropout(0.3f, 11, 5), keeps: keeps);
                problem.Forward(Kernel(kernel), _pool);
                problem.Backward(Kernel(kernel), _pool);
                return [.. problem.Output, .. problem.LogSumExp, .. problem.QueryGradient, .. problem.KeyValueGradient];
            }
        }
    }

    [Fact]
    public void Dropped_share_is_the_probability_asked_for()
    {
        var dropout = new AttentionDropout(0.2f, 1, 2);
        var kept = 0;
        for (var i = 0; i < 40_000; i++)
            kept += dropout.Keeps(3, 2, i / 200, i % 200) ? 1 : 0;
        Assert.InRange(kept / 40_000.0, 0.79, 0.81);
    }

    private static Dictionary<string, AttentionKernel> AllKernels()
    {
        var kernels = new Dictionary<string, AttentionKernel>();
        foreach (var level in ProcessorLevels.Available.Where(level => level <= ProcessorLevels.Current))
        {
            foreach (var precision in new[] { ComputePrecision.Float32, ComputePrecision.BFloat16 })
            {
                var kernel = AttentionKernel.For(level, precision);
                if (kernels.Values.All(other => other.GetType() != kernel.GetType())) kernels.Add($"{level.Name()} {precision}", kernel);
            }
        }
        return kernels;
    }

    private static AttentionKernel Kernel(string name) => s_kernels[name];

    private void Check(string kernel, int heads, int kvHeads, int size, (int, int)[] sequences, int left, int right, AttentionDropout dropout = default)
    {
        using var problem = new AttentionProblem(heads, kvHeads, size, sequences, left, right, dropout);
        problem.Forward(Kernel(kernel), _pool);
        problem.Backward(Kernel(kernel), _pool);
        problem.Check(Tolerance(Kernel(kernel)));
    }

    /// <summary>Factors of magnitude 2 that are rounded to 8 bits move scores by up to a hundredth, and with them the probabilities.</summary>
    private static double Tolerance(AttentionKernel kernel) => kernel is BFloat16Attention ? 0.04 : 2e-5;

    [Fact]
    public void Attention_on_tile_registers_equals_plain_loops()
    {
        // Everything around the interpreted products takes AVX-512.
        if (!EmittedCode.IsSupported || !ProcessorLevels.Available.Contains(ProcessorLevel.Avx512)) return;
        var kernel = new BFloat16Attention(new TileKernels(CallingConventions.Here, StripKernelTests.InterpretTiles));
        using var problem = new AttentionProblem(4, 2, 40, [(67, 67), (1, 66), (18, 30)], int.MaxValue, 0, new AttentionDropout(0.3f, 11, 5));
        problem.Forward(kernel, _pool);
        problem.Backward(kernel, _pool);
        problem.Check(Tolerance(kernel));
    }
}
