using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers.Recurrent;

/// <summary>
/// The network that hears its own output: h_t = tanh(W·x_t + U·y_{t−1} + b), y_t = V·h_t. Jordan 1986, "Serial order: a parallel
/// distributed processing approach".
/// </summary>
/// <remarks>
/// With outputs that are linear and state units that keep nothing of their own (Jordan's μ = 0), U·y_{t−1} is (U·V)·h_{t−1}: an Elman
/// network whose hidden weight has no more rank than there are outputs. That is how it is computed, by the fused recurrence.
/// </remarks>
/// <param name="weights">Its scope: <c>weight_ih</c>, <c>weight_oh</c>, <c>bias</c>, <c>weight_ho</c>.</param>
/// <param name="inputSize">Channels of the input.</param>
/// <param name="hiddenSize">Units.</param>
/// <param name="outputSize">Channels of the output, all that is carried over.</param>
public sealed class Jordan(IWeights weights, int inputSize, int hiddenSize, int outputSize)
{
    private readonly Parameter _input = weights.Tensor("weight_ih", [hiddenSize, inputSize], new Initializer.Uniform(1 / Math.Sqrt(hiddenSize)));
    private readonly Parameter _feedback = weights.Tensor("weight_oh", [hiddenSize, outputSize], new Initializer.Uniform(1 / Math.Sqrt(hiddenSize)));
    private readonly Parameter _bias = weights.Tensor("bias", [hiddenSize], new Initializer.Constant(0));
    private readonly Parameter _output = weights.Tensor("weight_ho", [outputSize, hiddenSize], new Initializer.Uniform(1 / Math.Sqrt(hiddenSize)));

    /// <summary>Runs over the rows of every sequence.</summary>
    /// <param name="x">[rows, input].</param>
    /// <param name="layout">Where the rows of each sequence begin and end.</param>
    /// <param name="state">h before the first row, [sequences, hidden]; zeros when null, and so is the output before it.</param>
    /// <returns>y of every row [rows, output], and h to continue from [sequences, hidden].</returns>
    public (Tensor Output, Tensor State) Forward(Tensor x, SequenceLayout layout, Tensor? state = null)
    {
        var (hidden, last) = TensorOps.Rnn(x, layout, _input, _feedback.Value.MatMul(_output), _bias.Value, hidden: state);
        return (hidden.Linear(_output), last);
    }
}
