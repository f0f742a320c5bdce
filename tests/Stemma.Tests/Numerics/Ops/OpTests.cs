using System.Reflection;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

public sealed class OpTests
{
    private static readonly Device[] s_threads = [Device.CreateCpu(1), Device.CreateCpu(2), Device.CreateCpu(3)];

    public static TheoryData<string> Cases => [.. OpCatalogue.All.Select(c => c.Name)];

    public static TheoryData<string> SmallCases => [.. OpCatalogue.All.Where(c => c.IsSmall).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(SmallCases))]
    public void Gradient_equals_central_differences(string name)
    {
        const double step = 1e-4;
        var op = OpCatalogue.Named(name);
        var (_, gradients) = op.Evaluate(Device.Reference, DType.Float64);
        var bases = op.Bases();
        for (var k = 0; k < bases.Length; k++)
        {
            var x = bases[k].Span<double>();
            var numeric = new double[x.Length];
            for (var i = 0; i < x.Length; i++)
            {
                var value = x[i];
                numeric[i] = (LossAt(value + step, x, i) - LossAt(value - step, x, i)) / (2 * step);
                x[i] = value;
            }
            Close.Check(gradients[k], numeric, 1e-6, $"gradient of input {k}");
        }

        double LossAt(double value, Span<double> x, int i)
        {
            using var scope = Memory.Scope();
            x[i] = value;
            return op.Loss(bases, out _).ToScalar();
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Float32_equals_the_definition_in_float64(string name)
    {
        var op = OpCatalogue.Named(name);
        var expected = op.Evaluate(Device.Reference, DType.Float64);
        foreach (var device in new[] { Device.Reference, Device.Cpu })
        {
            // Plain loops add one number after the other, and err accordingly.
            var tolerance = device == Device.Reference ? 10 * op.Tolerance : op.Tolerance;
            var (value, gradients) = op.Evaluate(device, DType.Float32);
            Close.Check(value, expected.Value, tolerance, $"value on {device}");
            for (var k = 0; k < gradients.Length; k++) Close.Check(gradients[k], expected.Gradients[k], tolerance, $"gradient of input {k} on {device}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Fused_operations_equal_their_composed_twins(string name)
    {
        var op = OpCatalogue.Named(name);
        var fused = op.Evaluate(Device.Reference, DType.Float64);
        var composed = op.Evaluate(Device.Reference, DType.Float64, higherOrder: true);
        Close.Check(composed.Value, fused.Value, 1e-11, "value");
        for (var k = 0; k < fused.Gradients.Length; k++) Close.Check(composed.Gradients[k], fused.Gradients[k], 1e-11, $"gradient of input {k}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Thread_counts_give_the_same_bits(string name)
    {
        var op = OpCatalogue.Named(name);
        var expected = op.Evaluate(s_threads[0], DType.Float32);
        foreach (var device in s_threads[1..])
        {
            var actual = op.Evaluate(device, DType.Float32);
            Assert.Equal(expected.Value, actual.Value);
            Assert.Equal(expected.Gradients, actual.Gradients);
        }
    }

    [Fact]
    public void Every_operation_has_a_case()
    {
        string[] operations = [.. new[] { typeof(TensorOps), typeof(WeightUpdates) }.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static)).Select(method => method.Name)];
        string[] cases = [.. OpCatalogue.All.Select(c => c.Op), .. UpdateTests.Operations];
        Assert.Equal([], operations.Except(cases));
        Assert.Equal([], cases.Except(operations));
    }
}
