using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Training.Tasks;

/// <summary>
/// The copy problem: some symbols, then blanks, then a sign at which the symbols are to be said again in their order. Hochreiter and
/// Schmidhuber 1997, "Long short-term memory", section 5.2; Arjovsky et al. 2015, arXiv:1511.06464, section 4.1. With one symbol it is the delayed
/// copy: which one was it?
/// </summary>
/// <param name="Inputs">int32 [sequences · rows]: symbols 0 … n − 1, the blank n, the sign n + 1.</param>
/// <param name="Targets">int32, the same length: the symbols on the last rows of each sequence, nothing to say before them.</param>
/// <param name="Layout">Where the sequences begin and end.</param>
public sealed record CopyProblem(Tensor Inputs, Tensor Targets, SequenceLayout Layout)
{
    /// <summary>Draws sequences; the same stream draws the same ones.</summary>
    /// <param name="count">How many.</param>
    /// <param name="symbols">Different symbols there are.</param>
    /// <param name="length">Symbols to remember.</param>
    /// <param name="delay">Blanks between the last symbol and the sign.</param>
    /// <param name="random">Decides all of them.</param>
    /// <param name="device">Where they lie; the processor when null.</param>
    public static CopyProblem Draw(int count, int symbols, int length, int delay, RandomStream random, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(symbols, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(delay);
        var rows = delay + 2 * length;
        var (inputs, targets) = (new int[count * rows], new int[count * rows]);
        Array.Fill(inputs, symbols);
        Array.Fill(targets, TensorOps.IgnoreIndex);
        for (var s = 0; s < count; s++)
        {
            for (var i = 0; i < length; i++)
                inputs[s * rows + i] = targets[s * rows + length + delay + i] = (int)random.Below(symbols, (ulong)(s * length + i));
            inputs[s * rows + length + delay] = symbols + 1;
        }
        return new(Tensor.From(inputs, [inputs.Length], device), Tensor.From(targets, [targets.Length], device), SequenceLayout.Batch(count, rows));
    }

    /// <summary>Tokens of a model that reads it: the symbols, the blank and the sign.</summary>
    /// <param name="symbols">Different symbols there are.</param>
    public static int VocabSize(int symbols) => symbols + 2;

    /// <summary>The share of symbols that get the highest score.</summary>
    /// <param name="logits">[rows, tokens].</param>
    public double Accuracy(Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        var (targets, vocab) = (Targets.ToArray<int>(), logits.Shape[1]);
        var (scores, right, all) = (logits.ToArray<float>(), 0, 0);
        for (var row = 0; row < targets.Length; row++)
        {
            if (targets[row] == TensorOps.IgnoreIndex) continue;
            var own = scores.AsSpan(row * vocab, vocab);
            var best = 0;
            for (var i = 1; i < vocab; i++)
                if (own[i] > own[best]) best = i;
            all++;
            if (best == targets[row]) right++;
        }
        return (double)right / all;
    }
}
