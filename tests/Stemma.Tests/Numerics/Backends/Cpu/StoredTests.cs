using System.Runtime.Intrinsics;
using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu;

public sealed unsafe class StoredTests
{
    [Fact]
    public void Parts_of_a_vector_are_read_and_written_and_nothing_beside_them()
    {
        for (var count = 0; count <= 16; count++)
        {
            Check<float>(count, bfloat16: false);
            Check<BFloat16>(count, bfloat16: true);
        }
    }

    [Fact]
    public void What_was_rounded_is_stored_as_it_is()
    {
        using var once = new NativeArray(16, bfloat16: true);
        using var twice = new NativeArray(16, bfloat16: true);
        var x = Vector512.Create(1f, -1.00390625f, 3.4028235e38f, 1e-39f, 0.1f, -0f, float.NegativeInfinity, 7f, 8.04f, 9f, 1e30f, 11.3f, 12f, 13f, 14f, 1 / 3f);
        Stored<BFloat16>.Store(x, (BFloat16*)once.Start);
        Stored<BFloat16>.StoreRounded(Stored<BFloat16>.Round(x), (BFloat16*)twice.Start);
        Assert.Equal(once.Bytes, twice.Bytes);
    }

    private static void Check<T>(int count, bool bfloat16) where T : unmanaged
    {
        using var source = new NativeArray(count, 1, bfloat16: bfloat16);
        using var target = new NativeArray(count, bfloat16: bfloat16);
        var x = Stored<T>.Load((T*)source.Start, count, 0.7f);
        for (var lane = 0; lane < 16; lane++) Assert.Equal(lane < count ? source[lane] : 0.7f, x[lane]);
        Stored<T>.Store(x, (T*)target.Start, count);
        Assert.Equal(source.ToArray(), target.ToArray());
    }
}
