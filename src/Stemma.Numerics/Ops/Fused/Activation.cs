using Stemma.Numerics.Backends;

namespace Stemma.Numerics.Ops;

/// <summary>The function between the two products of a feed-forward layer: an elementwise operation that can be part of a product.</summary>
public abstract class Activation
{
    private protected Activation()
    {
    }

    /// <summary><see cref="TensorOps.Gelu"/>.</summary>
    public static Activation Gelu { get; } = new Of<GeluKernel>(TensorOps.Gelu);

    /// <summary><see cref="TensorOps.GeluTanh"/>.</summary>
    public static Activation GeluTanh { get; } = new Of<GeluTanhKernel>(TensorOps.GeluTanh);

    /// <summary><see cref="TensorOps.Relu"/>.</summary>
    public static Activation Relu { get; } = new Of<ReluKernel>(TensorOps.Relu);

    /// <summary><see cref="TensorOps.Silu"/>.</summary>
    public static Activation Silu { get; } = new Of<SiluKernel>(TensorOps.Silu);

    /// <summary>Whether the gradient reads what the function was given, or else what it gave.</summary>
    internal abstract bool GradientReadsInput { get; }

    /// <summary>The operation by itself.</summary>
    public abstract Tensor Apply(Tensor x);

    /// <summary><see cref="IBackend.Map"/>.</summary>
    internal abstract void Map(Tensor x, Tensor y);

    /// <summary><see cref="IBackend.MatMulMap"/>.</summary>
    internal abstract void MatMulMap(Tensor a, Tensor b, Tensor? bias, Tensor? product, Tensor y);

    /// <summary><see cref="IBackend.MatMulMapGradient"/>, where <paramref name="saved"/> is what the gradient reads.</summary>
    internal abstract void MatMulMapGradient(Tensor a, Tensor b, Tensor saved, Tensor dx, Tensor? value);

    private sealed class Of<TKernel>(Func<Tensor, Tensor> operation) : Activation where TKernel : struct, IActivationKernel
    {
        internal override bool GradientReadsInput => TKernel.GradientReadsInput;

        public override Tensor Apply(Tensor x) => operation(x);

        internal override void Map(Tensor x, Tensor y) => x.Device.Backend.Map<TKernel>(x, y);

        internal override void MatMulMap(Tensor a, Tensor b, Tensor? bias, Tensor? product, Tensor y) => a.Device.Backend.MatMulMap<TKernel>(a, b, bias, product, y);

        internal override void MatMulMapGradient(Tensor a, Tensor b, Tensor saved, Tensor dx, Tensor? value) => a.Device.Backend.MatMulMapGradient<TKernel>(a, b, saved, saved, dx, value);
    }
}
