using System.Numerics;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Ops;

/// <summary>A function of two numbers; see <see cref="IUnaryKernel"/>.</summary>
internal interface IBinaryKernel
{
    /// <summary>The function of <c>a</c> and <c>b</c>, in C-like syntax.</summary>
    static abstract string Formula { get; }

    /// <summary>The definition.</summary>
    static abstract T Apply<T>(T a, T b) where T : struct, IFloatingPointIeee754<T>;

    /// <summary>The same over sixteen numbers.</summary>
    static abstract Vector512<float> Apply(Vector512<float> a, Vector512<float> b);
}
