using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Training.Tasks;

/// <summary>
/// The adding problem: each step of a sequence brings a number from 0 to 1 and a mark; two steps are marked, one in each half, and the
/// sum of their numbers is asked for at the end. Hochreiter and Schmidhuber 1997, "Long short-term memory", section 5.4, in the form of Le
/// et al. 2015, arXiv:1504.00941, section 4.1. Who always says 1 has the mean square error 1/6.
/// </summary>
/// <param name="Inputs">Number and mark of every step, [sequences · length, 2].</param>
/// <param name="Sums">[sequences, 1].</param>
/// <param name="Layout">Where the sequences begin and end.</param>
public sealed record AddingProblem(Tensor Inputs, Tensor Sums, SequenceLayout Layout)
{
    /// <summary>The error of the best constant.</summary>
    public const double Baseline = 1.0 / 6;

    /// <summary>Draws sequences; the same stream draws the same ones.</summary>
    /// <param name="count">How many.</param>
    /// <param name="length">Steps of each; at least 2.</param>
    /// <param name="random">Decides all of them.</param>
    /// <param name="device">Where they lie; the processor when null.</param>
    public static AddingProblem Draw(int count, int length, RandomStream random, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 2);
        var (inputs, sums) = (new float[count * length * 2], new float[count]);
        var (numbers, marks) = (random.Fork("numbers"), random.Fork("marks"));
        for (var s = 0; s < count; s++)
        {
            var sequence = inputs.AsSpan(s * length * 2, length * 2);
            for (var t = 0; t < length; t++) sequence[2 * t] = (float)numbers.Uniform((ulong)(s * length + t));
            var first = (int)marks.Below(length / 2, 2 * (ulong)s);
            var second = length / 2 + (int)marks.Below(length - length / 2, 2 * (ulong)s + 1);
            sequence[2 * first + 1] = sequence[2 * second + 1] = 1;
            sums[s] = sequence[2 * first] + sequence[2 * second];
        }
        return new(Tensor.From(inputs, [count * length, 2], device), Tensor.From(sums, [count, 1], device), SequenceLayout.Batch(count, length));
    }
}
