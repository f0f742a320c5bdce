using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Xunit;

namespace Stemma.Tests.Models;

/// <summary>A whole model's gradients against differences, in float32: a rough check; the operations are checked one by one in float64.</summary>
internal static class GradientCheck
{
    /// <summary>Along its own gradient a loss rises by the gradient's length; every weight has one.</summary>
    public static void AlongItself(IReadOnlyList<Parameter> parameters, Func<Tensor> loss, double tolerance = 0.03)
    {
        using var tape = Tape.Start();
        var gradients = tape.Backward(loss());
        using var pause = Tape.Pause();
        foreach (var weight in parameters)
        {
            Assert.True(gradients.TryGet(weight, out var gradient), $"{weight.Name} has no gradient");
            var g = gradient.ToArray<float>();
            var length = Math.Sqrt(g.Sum(value => (double)value * value));
            // Small steps: a ReLU that turns on or off between the two is a kink.
            // The bias of keys moves all scores of a query alike: its gradient is 0 but for rounding.
            if (length < 1e-3) continue;
            var kept = weight.Value.ToArray<float>();
            var step = 5e-4 / Math.Max(1, length);
            var (up, down) = (At(step), At(-step));
            At(0);
            var slope = (up - down) / (2 * step);
            Assert.True(Math.Abs(slope - length) <= tolerance * length + 5e-3, $"{weight.Name}: the loss rises by {slope:G5}, its gradient says {length:G5}");

            double At(double distance)
            {
                var x = weight.Value.Span<float>();
                for (var i = 0; i < x.Length; i++) x[i] = (float)(kept[i] + distance * g[i] / length);
                return loss().ToScalar();
            }
        }
    }
}
