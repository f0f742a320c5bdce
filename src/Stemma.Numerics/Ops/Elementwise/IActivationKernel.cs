using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Ops;

/// <summary>A function that can end a matrix product, see <see cref="Activation"/>.</summary>
internal interface IActivationKernel : IUnaryKernel
{
    /// <summary>The gradient at x and the function itself, whose common work is done once: the bits of both.</summary>
    static abstract Vector512<float> Gradient(Vector512<float> x, Vector512<float> dy, out Vector512<float> y);
}
