using System.Numerics;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Ops;

/// <summary>
/// A function of one number, three times: as plain arithmetic (the definition), over vectors (the fast form; every element is
/// computed by it, tails too, so that its bits do not depend on its place), and as text (from which a GPU kernel can be compiled).
/// </summary>
internal interface IUnaryKernel
{
    /// <summary>The function of <c>x</c>, in C-like syntax.</summary>
    static abstract string Formula { get; }

    /// <summary>Whether <c>Gradient</c> reads <c>x</c>.</summary>
    static virtual bool GradientReadsInput => true;

    /// <summary>Whether <c>Gradient</c> reads <c>y</c>.</summary>
    static virtual bool GradientReadsOutput => false;

    /// <summary>The definition.</summary>
    static abstract T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T>;

    /// <summary>The same over sixteen numbers.</summary>
    static abstract Vector512<float> Apply(Vector512<float> x);

    /// <summary>dy · ∂y/∂x.</summary>
    static abstract T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T>;

    /// <summary>The same over sixteen numbers.</summary>
    static abstract Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy);
}
