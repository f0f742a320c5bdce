using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Interpretability;

/// <summary>Which places of its input an output of stacked windows (convolutions, poolings) depends on.</summary>
/// <param name="Size">Places along one axis.</param>
/// <param name="Stride">Places by which it moves from one output to the next.</param>
public readonly record struct ReceptiveField(int Size, int Stride)
{
    /// <summary>A place itself.</summary>
    public static ReceptiveField Point { get; } = new(1, 1);

    /// <summary>That of a layer upon this one: it grows by the window's reach times the stride so far.</summary>
    /// <param name="kernel">Elements of the window.</param>
    /// <param name="stride">Outputs from one window to the next.</param>
    /// <param name="dilation">Outputs from one element of a window to the next.</param>
    public ReceptiveField Then(int kernel, int stride = 1, int dilation = 1) => new(Size + (kernel - 1) * dilation * Stride, Stride * stride);

    /// <summary>The same by measurement: the elements of an input that one output has a gradient with respect to.</summary>
    /// <param name="network">From the input to any tensor.</param>
    /// <param name="input">Where it is measured.</param>
    /// <param name="output">The element of the result, counted through.</param>
    /// <returns>For each element of the input, whether the output depends on it.</returns>
    public static bool[] Measure(Func<Tensor, Tensor> network, Tensor input, int output)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(input);
        using var tape = Tape.Start();
        var x = input.Detach().WithGradient();
        var y = network(x);
        var gradient = tape.Backward(y.Reshape(checked((int)y.Count)).Slice(0, output, 1).Sum())[x];
        return Array.ConvertAll(gradient.Cast(DType.Float32).ToArray<float>(), value => value != 0);
    }
}
