using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>The operations that change a weight in place: float32 on every device against the definition in float64.</summary>
public sealed class UpdateTests
{
    private const int Steps = 5;

    public static string[] Operations => [nameof(WeightUpdates.AdamUpdate), nameof(WeightUpdates.SgdUpdate)];

    [Theory]
    [InlineData(true, 0.1)]
    [InlineData(true, 0.0)]
    [InlineData(false, 0.1)]
    [InlineData(false, 0.0)]
    public void Adam_equals_the_definition(bool decoupled, double decay) => Check((weight, gradient, states, step) =>
        weight.AdamUpdate(gradient, states[0], states[1], new(0.01, 0.9, 0.95, 1e-8, decay, decoupled, step)));

    [Theory]
    [InlineData(0.0, false, 0.0)]
    [InlineData(0.9, false, 0.01)]
    [InlineData(0.9, true, 0.01)]
    public void Descent_equals_the_definition(double momentum, bool nesterov, double decay) => Check((weight, gradient, states, step) =>
        weight.SgdUpdate(gradient, momentum == 0 ? null : states[0], new(0.05, momentum, nesterov, decay, step == 1)));

    [Fact]
    public void A_gradient_of_another_shape_or_type_is_refused()
    {
        var (weight, state) = (Tensor.Zeros([2, 3]), Tensor.Zeros([2, 3]));
        Assert.Throws<ArgumentException>(() => weight.SgdUpdate(Tensor.Zeros([3, 2]), null, default));
        Assert.Throws<ArgumentException>(() => weight.AdamUpdate(Tensor.Zeros([2, 3], DType.Float64), state, state, default));
    }

    private static void Check(Action<Tensor, Tensor, Tensor[], int> update)
    {
        var expected = Run(Device.Reference, DType.Float64);
        Close.Check(Run(Device.Reference, DType.Float32), expected, 1e-6, "weight on reference");
        var one = Run(Device.CreateCpu(1), DType.Float32);
        Close.Check(one, expected, 1e-6, "weight on cpu");
        Assert.Equal(one, Run(Device.CreateCpu(3), DType.Float32));

        double[] Run(Device device, DType dtype)
        {
            Tensor Draw(ulong stream) => new Input([7, 2345], Layout.Contiguous).Base(new RandomStream(61, stream)).To(device).Cast(dtype);
            var weight = Draw(0);
            Tensor[] states = [Tensor.Zeros(weight.Shape, dtype, device), Tensor.Zeros(weight.Shape, dtype, device)];
            for (var step = 1; step <= Steps; step++) update(weight, Draw((ulong)step).Transposed.Contiguous().Transposed, states, step);
            return weight.Cast(DType.Float64).ToArray<double>();
        }
    }
}
