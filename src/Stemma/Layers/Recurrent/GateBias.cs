using Stemma.Numerics;

namespace Stemma.Layers.Recurrent;

/// <summary>How long an LSTM remembers before it has learned anything: the biases that its gates begin with.</summary>
public static class GateBias
{
    /// <summary>Opens the forget gates of all layers: at a bias b a cell keeps about σ(b) of itself at each step. Gers et al. 2000; Jozefowicz et al. 2015.</summary>
    /// <param name="network">Its forget biases are set.</param>
    /// <param name="bias">1 is usual.</param>
    public static void OpenForgetGates(this Lstm network, double bias)
    {
        ArgumentNullException.ThrowIfNull(network);
        foreach (var layer in network.Layers)
        {
            Gate(layer.InputBias, network.HiddenSize, 1).Fill((float)bias);
            Gate(layer.HiddenBias, network.HiddenSize, 1).Clear();
        }
    }

    /// <summary>
    /// Gives the units memories of all lengths up to the longest: forget biases log(u), u uniform from 1 to longest − 1, and the opposite
    /// for the input gates. Tallec and Ollivier 2018, arXiv:1804.11188, "chrono initialization".
    /// </summary>
    /// <param name="network">Its biases of input and forget gates are set.</param>
    /// <param name="longest">Steps; above 2.</param>
    /// <param name="random">Draws the lengths.</param>
    public static void ChronoGates(this Lstm network, int longest, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, 3);
        foreach (var (number, layer) in network.Layers.Index())
        {
            var (lengths, size) = (random.Fork((ulong)number), network.HiddenSize);
            var input = Gate(layer.InputBias, size, 0);
            var forget = Gate(layer.InputBias, size, 1);
            for (var i = 0; i < size; i++)
            {
                forget[i] = (float)Math.Log(1 + (longest - 2) * lengths.Uniform((ulong)i));
                input[i] = -forget[i];
            }
            Gate(layer.HiddenBias, size, 0).Clear();
            Gate(layer.HiddenBias, size, 1).Clear();
        }
    }

    // PyTorch's order: input, forget, candidate, output.
    private static Span<float> Gate(Parameter bias, int size, int gate) => bias.Value.Span<float>().Slice(gate * size, size);
}
