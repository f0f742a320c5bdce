using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Backends.Profiling;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Layers;

public sealed class SequenceCacheTests
{
    [Fact]
    public void Appending_copies_a_constant_number_of_rows_per_token()
    {
        const int Heads = 2, Size = 3, Tokens = 5000;
        ProfilingBackend? profile = null;
        var device = Device.CreateCpu(1).With(inner => profile = new(inner, ComputePrecision.Float32));
        using var cache = new SequenceCache(1, 1 << 20);
        for (var n = 1; n <= Tokens; n++)
        {
            using var scope = Memory.Scope();
            var row = Tensor.Full([1, Heads, Size], n, DType.Float32, device);
            var (keys, values) = cache.Append(0, row, row);
            cache.Advance([n]);
            Assert.Equal((n, n), (keys.Shape[0], values.Shape[0]));
            // Keys and values, each byte read and written: its own row, and less than two for those that were moved.
            var rows = profile!.Costs.Values.Sum(cost => cost.Bytes) / (4.0 * Heads * Size * sizeof(float));
            Assert.InRange(rows, n, 3.0 * n);
        }
        var (all, _) = cache.Append(0, Tensor.Full([1, Heads, Size], 0, DType.Float32, device), Tensor.Full([1, Heads, Size], 0, DType.Float32, device));
        Assert.Equal(Enumerable.Range(1, Tokens).Select(n => (float)n), all.Slice(0, 0, Tokens).Select(1, 0).Select(1, 0).Contiguous().ToArray<float>());
    }
}
