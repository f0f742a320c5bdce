using Stemma.Numerics;
using Stemma.Numerics.Backends;
using Stemma.Numerics.Backends.Cpu.MatMul;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.MatMul;

/// <summary>A weight's panels are made for repeated use, change no bit, and never outlive the weight's contents.</summary>
public sealed class PackedWeightsTests
{
    public static TheoryData<ComputePrecision, int, int, int> Cases => new()
    {
        { ComputePrecision.Float32, 1, 70, 33 }, { ComputePrecision.Float32, 5, 65, 801 }, { ComputePrecision.Float32, 32, 37, 16 },
        { ComputePrecision.BFloat16, 1, 70, 33 }, { ComputePrecision.BFloat16, 5, 65, 801 }, { ComputePrecision.BFloat16, 32, 37, 16 },
    };

    [Theory, MemberData(nameof(Cases))]
    public void Products_with_panels_have_the_bits_of_products_without(ComputePrecision precision, int rows, int output, int input)
    {
        var device = Device.CreateCpu(2, precision);
        var (x, weight, bias) = (Random([rows, input], 1, device), Random([output, input], 2, device), Random([output], 3, device));
        var expected = x.Linear(weight, bias).ToArray<float>();
        var back = x.Linear(weight, bias).MatMul(weight).ToArray<float>();
        weight.WithGradient();
        for (var use = 0; use < 3; use++)
        {
            var y = x.Linear(weight, bias).Detach();
            Assert.Equal(expected, y.ToArray<float>());
            Assert.Equal(back, y.MatMul(weight).ToArray<float>());
        }
        Assert.IsType<PackedWeights>(weight.Storage.Derived);
    }

    [Fact]
    public void A_change_of_the_weight_is_seen()
    {
        var device = Device.CreateCpu(1, ComputePrecision.BFloat16);
        var (x, weight) = (Random([2, 40], 1, device), Random([50, 40], 2, device).WithGradient());
        Check();
        weight.Span<float>()[3] = 100;
        Check();
        weight.CopyFrom(Random([50, 40], 3, device));
        Check();
        weight.SgdUpdate(Random([50, 40], 4, device), null, new SgdArguments(0.5, 0, false, 0, true));
        Check();
        weight.AdamUpdate(Random([50, 40], 5, device), Tensor.Zeros([50, 40], device: device), Tensor.Zeros([50, 40], device: device), new AdamArguments(0.5, 0.9, 0.99, 1e-8, 0, true, 1));
        Check();

        void Check()
        {
            var expected = x.Linear(Tensor.From(weight.Detach().Contiguous().ToArray<float>(), [50, 40], device)).ToArray<float>();
            for (var use = 0; use < 3; use++) Assert.Equal(expected, x.Linear(weight).ToArray<float>());
            Assert.NotNull(weight.Storage.Derived);
        }
    }

    [Fact]
    public void What_is_no_weight_keeps_no_panels()
    {
        var device = Device.CreateCpu(1, ComputePrecision.BFloat16);
        var (x, y) = (Random([2, 40], 1, device), Random([50, 40], 2, device));
        for (var use = 0; use < 3; use++) x.Linear(y);
        Assert.Null(y.Storage.Derived);
    }

    private static Tensor Random(Shape shape, int seed, Device device)
    {
        var random = new Random(seed);
        return Tensor.From([.. Enumerable.Range(0, (int)shape.Count).Select(_ => (float)(random.NextDouble() * 2 - 1))], shape, device);
    }
}
