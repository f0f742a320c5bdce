using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Interpretability;

/// <summary>
/// How far back a recurrent network can learn: the length of the gradient of its last state with respect to its inputs, by how many
/// steps they lie back. Bengio et al. 1994, "Learning long-term dependencies with gradient descent is difficult"; Pascanu et al. 2013,
/// arXiv:1211.5063.
/// </summary>
public static class GradientLag
{
    /// <summary>Measures one sequence.</summary>
    /// <param name="network">Its uppermost state is looked at.</param>
    /// <param name="x">[steps, input].</param>
    /// <param name="draws">Random directions of the state, whose gradients' lengths are averaged (root mean square); ≥ 1.</param>
    /// <returns>The length by lag, from 0, the last input, to steps − 1, the first.</returns>
    public static double[] Measure(RecurrentNetwork network, Tensor x, int draws = 4)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        var (steps, size) = x.Shape;
        var (random, squares) = (new RandomStream(1).Fork("directions"), new double[steps]);
        for (var draw = 0; draw < draws; draw++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var input = x.Detach().Contiguous().WithGradient();
            var (output, _) = network.Forward(input, new Pass(SequenceLayout.Batch(1, steps)));
            var own = random.Fork((ulong)draw);
            float[] direction = [.. Enumerable.Range(0, network.HiddenSize).Select(i => (float)(own.Normal((ulong)i) / Math.Sqrt(network.HiddenSize)))];
            var gradient = tape.Backward((output.Slice(0, steps - 1, 1) * Tensor.From(direction, [1, direction.Length], x.Device)).Sum())[input].ToArray<float>();
            for (var row = 0; row < steps; row++)
                for (var i = 0; i < size; i++) squares[steps - 1 - row] += gradient[row * size + i] * (double)gradient[row * size + i] / draws;
        }
        return Array.ConvertAll(squares, Math.Sqrt);
    }
}
