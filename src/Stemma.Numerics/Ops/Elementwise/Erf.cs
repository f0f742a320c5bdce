using System.Numerics;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The error function 2/√π ∫₀ˣ e^(−t²) dt.</summary>
    public static Tensor Erf(this Tensor x) => Unary<ErfKernel>(x, (x, y, dy) => dy * (-(x * x)).Exp() * ErfKernel.TwoOverRootPi);
}

internal readonly struct ErfKernel : IUnaryKernel
{
    public const double TwoOverRootPi = 1.1283791670955126;

    public static string Formula => "erf(x)";

    /// <summary>The Maclaurin series near zero and the continued fraction of erfc beyond it: full float64 precision, no speed.</summary>
    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T>
    {
        if (T.IsNaN(x)) return x;
        var z = Math.Abs(double.CreateChecked(x));
        double value;
        if (z > 6) value = 1;
        else if (z < 2.5)
        {
            double term = z, sum = z;
            for (var n = 1; Math.Abs(term) > 1e-18 * sum; n++)
            {
                term *= -z * z / n;
                sum += term / (2 * n + 1);
            }
            value = TwoOverRootPi * sum;
        }
        else
        {
            var fraction = 0.0;
            for (var n = 120; n > 0; n--) fraction = n / 2.0 / (z + fraction);
            value = 1 - Math.Exp(-z * z) / Math.Sqrt(Math.PI) / (z + fraction);
        }
        return T.CreateChecked(T.IsNegative(x) ? -value : value);
    }

    public static Vector512<float> Apply(Vector512<float> x) => VectorMath.Erf(x);

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> => dy * T.CreateChecked(TwoOverRootPi) * T.Exp(-x * x);

    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) =>
        dy * Vector512.Create((float)TwoOverRootPi) * VectorMath.Exp(-x * x);
}
