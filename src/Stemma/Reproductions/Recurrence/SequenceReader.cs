using Stemma.Interpretability;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Reproductions.Recurrence;

/// <summary>What reads sequences, row by row, and never ahead: the nets that are set against each other.</summary>
/// <param name="Size">Channels that it gives.</param>
/// <param name="Forward">From [rows, input], sequences of one length, to [rows, <paramref name="Size"/>].</param>
public sealed record SequenceReader(int Size, Func<Tensor, Pass, Tensor> Forward)
{
    /// <summary>A recurrent network.</summary>
    public static SequenceReader Recurrent(RecurrentNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return new(network.HiddenSize, (x, pass) => network.Forward(x, pass).Output);
    }

    /// <summary>The last words side by side and a tanh layer over them: the fixed window of Bengio et al. 2003.</summary>
    /// <param name="weights">Its scope.</param>
    /// <param name="input">Channels of a row.</param>
    /// <param name="size">Units.</param>
    /// <param name="window">Rows that it sees, its own included.</param>
    public static SequenceReader FixedWindow(IWeights weights, int input, int size, int window)
    {
        var layer = new CausalConvolution(weights, input, size, window);
        return new(size, (x, pass) => layer.Forward(x, pass.Layout).Tanh());
    }

    /// <summary>The last rows side by side and nothing over them: linear autoregression.</summary>
    /// <param name="weights">Its scope.</param>
    /// <param name="input">Channels of a row.</param>
    /// <param name="window">Rows that it sees, its own included.</param>
    public static SequenceReader Rows(IWeights weights, int input, int window)
    {
        var layer = new CausalConvolution(weights, input, input, window);
        return new(input, (x, pass) => layer.Forward(x, pass.Layout));
    }

    /// <summary>Convolutions of three rows, one upon the other, with ReLU between: they see <see cref="ConvolutionReach"/> rows.</summary>
    /// <param name="weights">Its scope.</param>
    /// <param name="input">Channels of a row.</param>
    /// <param name="size">Channels of each layer.</param>
    /// <param name="layers">How many.</param>
    public static SequenceReader Convolutional(IWeights weights, int input, int size, int layers)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var stack = Enumerable.Range(0, layers).Select(layer => new CausalConvolution(weights[$"layers.{layer}"], layer == 0 ? input : size, size, 3)).ToArray();
        return new(size, (x, pass) => stack.Aggregate(x, (rows, layer) => layer.Forward(rows, pass.Layout).Relu()));
    }

    /// <summary>Rows that such a stack sees, its own included.</summary>
    public static int ConvolutionReach(int layers) => Enumerable.Repeat(3, layers).Aggregate(ReceptiveField.Point, (field, kernel) => field.Then(kernel)).Size;

    /// <summary>A convolution over a row and those before it.</summary>
    private sealed class CausalConvolution(IWeights weights, int input, int output, int kernel)
    {
        private readonly Parameter _weight = weights.Tensor("weight", [output, input, kernel], new Initializer.Uniform(Math.Sqrt(6.0 / (kernel * input + output))));
        private readonly Parameter _bias = weights.Tensor("bias", [output], new Initializer.Constant(0));

        public Tensor Forward(Tensor x, SequenceLayout layout)
        {
            var (count, time) = (layout.Count, x.Shape[0] / layout.Count);
            // Padded on both sides, the windows that end at a row of the sequence are the first ones.
            var y = x.Reshape(count, time, input).Convolution1D(_weight, _bias.Value, padding: kernel - 1);
            return y.Slice(1, 0, time).Reshape(count * time, output);
        }
    }
}
