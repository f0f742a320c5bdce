using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Recurrent;

public sealed class RoundedGradientTests
{
    /// <summary>So a product of gradients that were rounded while the walk made them has the bits of one that rounds them itself.</summary>
    [Fact]
    public void Gradients_of_gates_are_rounded_once_and_everything_else_stays()
    {
        foreach (var device in (Device[])[Device.Reference, Device.CreateCpu(2), Device.CreateCpu(3, ComputePrecision.BFloat16)])
        {
            foreach (var units in new[] { 5, 32, 77 })
            {
                Check<LstmCell>(device, units, 4);
                Check<RnnCell>(device, units, 1);
            }
        }
    }

    private static void Check<TCell>(Device device, int units, int gateCount) where TCell : struct, IRecurrentCell
    {
        var layout = SequenceLayout.Packed(3, 0, 5, 1);
        var (rows, columns, results) = (layout.QueryCount, gateCount * units, layout.QueryCount + layout.Count * (TCell.HasCell ? 2 : 1));
        var arguments = new RecurrentArguments(layout, Values(1, columns, units), null, Values(2, layout.Count, units), TCell.HasCell ? Values(3, layout.Count, units) : null);
        var dy = Values(4, results, units);
        var (gates, bias, _) = Backward(null);
        var rounded = Tensor.Empty([rows, columns], DType.BFloat16, device);
        var (_, biasBeside, dhidden) = Backward(rounded);
        Assert.Equal(Array.ConvertAll(gates, value => (float)(BFloat16)value), rounded.Cast(DType.Float32).ToArray<float>());
        Assert.Equal(bias, biasBeside);
        Assert.Equal(Backward(null).Hidden, dhidden);

        (float[] Gates, float[] Bias, float[] Hidden) Backward(Tensor? into)
        {
            var values = Values(5, rows, columns);
            var memory = TCell.HasCell ? Tensor.Zeros([rows, units], DType.Float32, device) : null;
            var y = Tensor.Empty([results, units], DType.Float32, device);
            device.Backend.Recur<TCell>(arguments, values, memory, y);
            var (sums, first) = (Tensor.Empty([columns], DType.Float32, device), Tensor.Empty([layout.Count, units], DType.Float32, device));
            device.Backend.RecurGradient<TCell>(arguments, values, memory, y, new(dy, first, null, sums, null, into));
            return (values.ToArray<float>(), sums.ToArray<float>(), first.ToArray<float>());
        }

        Tensor Values(ulong stream, int height, int width)
        {
            var (random, values) = (new RandomStream(17, stream), new float[height * width]);
            for (var i = 0; i < values.Length; i++) values[i] = (float)(random.Below(2001, (ulong)i) / 1000.0) - 1;
            return Tensor.From(values, [height, width], device);
        }
    }
}
