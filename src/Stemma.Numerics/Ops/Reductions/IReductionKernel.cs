using System.Numerics;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Ops;

/// <summary>An associative way to make one number out of many.</summary>
internal interface IReductionKernel
{
    /// <summary>The function of <c>a</c> and <c>b</c>, in C-like syntax.</summary>
    static abstract string Formula { get; }

    /// <summary>What changes nothing: the result over no elements.</summary>
    static abstract T Identity<T>() where T : struct, IFloatingPointIeee754<T>;

    /// <summary>The definition.</summary>
    static abstract T Combine<T>(T a, T b) where T : struct, IFloatingPointIeee754<T>;

    /// <summary>The same over sixteen numbers.</summary>
    static abstract Vector512<float> Combine(Vector512<float> a, Vector512<float> b);
}
