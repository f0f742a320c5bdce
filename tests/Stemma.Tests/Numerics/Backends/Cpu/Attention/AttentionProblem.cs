using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.Attention;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Attention;

/// <summary>Packed sequences in one qkv buffer, with attention over them by the kernel and by plain double-precision loops.</summary>
internal sealed unsafe class AttentionProblem : IDisposable
{
    private readonly int _heads;
    private readonly int _kvHeads;
    private readonly int _size;
    private readonly int[] _queryOffsets;
    private readonly int[] _keyOffsets;
    private readonly AttentionDropout _dropout;
    private readonly NativeArray _query;
    private readonly NativeArray _keyValue;
    private readonly NativeArray _output;
    private readonly NativeArray _logSumExp;
    private readonly NativeArray _outputGradient;
    private readonly NativeArray _queryGradient;
    private readonly NativeArray _keyValueGradient;
    private readonly NativeArray? _kept;

    public AttentionProblem(int heads, int kvHeads, int size, (int Queries, int Keys)[] sequences, int left, int right, AttentionDropout dropout = default, int seed = 1, bool keeps = false)
    {
        (_heads, _kvHeads, _size, _dropout) = (heads, kvHeads, size, dropout);
        _queryOffsets = Offsets(sequences.Select(s => s.Queries));
        _keyOffsets = Offsets(sequences.Select(s => s.Keys));
        int queries = _queryOffsets[^1], keys = _keyOffsets[^1];
        _query = new NativeArray((long)queries * heads * size, seed, 2f);
        _keyValue = new NativeArray((long)keys * 2 * kvHeads * size, seed + 1, 2f);
        _output = new NativeArray(_query.Length);
        _logSumExp = new NativeArray((long)queries * heads);
        _outputGradient = new NativeArray(_query.Length, seed + 2);
        _queryGradient = new NativeArray(_query.Length);
        _keyValueGradient = new NativeArray(_keyValue.Length);
        var keptKeys = (sequences.Max(s => s.Keys) + 63) / 64 * 64;
        if (keeps) _kept = new NativeArray((long)(queries / 16 + sequences.Length) * heads * keptKeys / 2);
        Arguments = new AttentionArguments
        {
            HeadCount = heads,
            KvHeadCount = kvHeads,
            HeadSize = size,
            Scale = 1f / MathF.Sqrt(size),
            Left = left,
            Right = right,
            Query = Tokens(_query.Pointer),
            Key = Pairs(_keyValue.Pointer, 0),
            Value = Pairs(_keyValue.Pointer, 1),
            Output = Tokens(_output.Pointer),
            LogSumExp = _logSumExp.Pointer,
            Dropout = dropout,
            Kept = _kept is null ? null : (ushort*)_kept.Pointer,
            KeptKeys = keptKeys,
        };
        Gradients = new AttentionGradients
        {
            Output = Tokens(_outputGradient.Pointer),
            Query = Tokens(_queryGradient.Pointer),
            Key = Pairs(_keyValueGradient.Pointer, 0),
            Value = Pairs(_keyValueGradient.Pointer, 1),
        };
    }

    public AttentionArguments Arguments { get; }

    public AttentionGradients Gradients { get; }

    public Span<float> Output => _output.Span;

    public Span<float> LogSumExp => _logSumExp.Span;

    public Span<float> QueryGradient => _queryGradient.Span;

    public Span<float> KeyValueGradient => _keyValueGradient.Span;

    public void Dispose()
    {
        foreach (var array in new[] { _query, _keyValue, _output, _logSumExp, _outputGradient, _queryGradient, _keyValueGradient })
            array.Dispose();
        _kept?.Dispose();
    }

    public void Forward(AttentionKernel kernel, WorkerPool pool) => kernel.Forward(pool, Arguments, _queryOffsets, _keyOffsets);

    public void Backward(AttentionKernel kernel, WorkerPool pool) => kernel.Backward(pool, Arguments, Gradients, _queryOffsets, _keyOffsets);

    /// <summary>Checks forward and backward against the definition.</summary>
    public void Check(double tolerance)
    {
        var output = new double[_output.Length];
        var queryGradient = new double[_query.Length];
        var keyValueGradient = new double[_keyValue.Length];
        for (var sequence = 0; sequence + 1 < _queryOffsets.Length; sequence++)
            for (var i = _queryOffsets[sequence]; i < _queryOffsets[sequence + 1]; i++)
                for (var head = 0; head < _heads; head++)
                    OneQuery(sequence, i, head, output, queryGradient, keyValueGradient, tolerance);
        Close("output", output, _output.Span, tolerance);
        Close("query gradient", queryGradient, _queryGradient.Span, tolerance);
        Close("key and value gradient", keyValueGradient, _keyValueGradient.Span, tolerance);
    }

    private static int[] Offsets(IEnumerable<int> counts)
    {
        var offsets = new List<int> { 0 };
        foreach (var count in counts)
            offsets.Add(offsets[^1] + count);
        return [.. offsets];
    }

    private static void Close(string what, double[] expected, Span<float> actual, double tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance))
                Assert.Fail($"{what}[{i}] is {actual[i]}, not {expected[i]}");
        }
    }

    private HeadRows Tokens(float* start) => new(start, _heads * _size, _size);

    /// <summary>Keys and values of a token stand head by head, each key before its value.</summary>
    private HeadRows Pairs(float* start, int which) => new(start + which * _size, 2 * _kvHeads * _size, 2 * _size);

    private void OneQuery(int sequence, int token, int head, double[] output, double[] queryGradient, double[] keyValueGradient, double tolerance)
    {
        int keyCount = _keyOffsets[sequence + 1] - _keyOffsets[sequence], queryCount = _queryOffsets[sequence + 1] - _queryOffsets[sequence];
        var position = keyCount - queryCount + token - _queryOffsets[sequence];
        var kvHead = head / (_heads / _kvHeads);
        var m = Arguments;
        var visible = Enumerable.Range(0, keyCount).Where(j => j >= (long)position - m.Left && j <= (long)position + m.Right).ToArray();
        if (visible.Length == 0)
        {
            Assert.Equal(float.NegativeInfinity, _logSumExp.Pointer[token * _heads + head]);
            return;
        }
        var q = new ReadOnlySpan<float>(m.Query.At(token, head), _size).ToArray();
        var dOut = new ReadOnlySpan<float>(Gradients.Output.At(token, head), _size).ToArray();
        float[] Row(HeadRows rows, int j) => new ReadOnlySpan<float>(rows.At(_keyOffsets[sequence] + j, kvHead), _size).ToArray();
        double Product(float[] x, float[] y) => x.Zip(y, (u, v) => (double)u * v).Sum();
        var scores = visible.Select(j => m.Scale * Product(q, Row(m.Key, j))).ToArray();
        var maximum = scores.Max();
        var sum = scores.Sum(s => Math.Exp(s - maximum));
        var p = scores.Select(s => Math.Exp(s - maximum) / sum).ToArray();
        var kept = visible.Select(j => _dropout.Probability == 0 || _dropout.Keeps(sequence, head, position, j) ? 1.0 / (1 - _dropout.Probability) : 0).ToArray();
        Assert.Equal(maximum + Math.Log(sum), _logSumExp.Pointer[token * _heads + head], Math.Max(1e-5, tolerance / 2));
        var dp = visible.Select((j, n) => kept[n] * Product(dOut, Row(m.Value, j))).ToArray();
        var delta = dp.Zip(p, (u, v) => u * v).Sum();
        var at = (int)(m.Query.At(token, head) - _query.Pointer);
        for (var n = 0; n < visible.Length; n++)
        {
            var ds = p[n] * (dp[n] - delta) * m.Scale;
            float[] key = Row(m.Key, visible[n]), value = Row(m.Value, visible[n]);
            var keyAt = (int)(m.Key.At(_keyOffsets[sequence] + visible[n], kvHead) - _keyValue.Pointer);
            for (var i = 0; i < _size; i++)
            {
                output[at + i] += p[n] * kept[n] * value[i];
                queryGradient[at + i] += ds * key[i];
                keyValueGradient[keyAt + i] += ds * q[i];
                keyValueGradient[keyAt + _size + i] += p[n] * kept[n] * dOut[i];
            }
        }
    }
}
