using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Elementwise;

/// <summary>A function of one variable, over sixteen values at a time.</summary>
internal interface IActivation
{
    /// <summary>f(x).</summary>
    public static abstract Vector512<float> Apply(Vector512<float> x);

    /// <summary>f′(x).</summary>
    public static abstract Vector512<float> Derivative(Vector512<float> x);
}
