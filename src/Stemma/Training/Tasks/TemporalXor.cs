using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Training.Tasks;

/// <summary>
/// Exclusive or in time: bits in threes, two by the throw of a coin and then their exclusive or, without a mark where a three begins. The
/// next bit is to be predicted; every third can be. Elman 1990, "Finding structure in time".
/// </summary>
/// <param name="Inputs">int32 [sequences · bits]: each sequence begins with a three.</param>
/// <param name="Targets">int32, the same length: the next bit.</param>
/// <param name="Layout">Where the sequences begin and end.</param>
public sealed record TemporalXor(Tensor Inputs, Tensor Targets, SequenceLayout Layout)
{
    /// <summary>Draws sequences; the same stream draws the same ones.</summary>
    /// <param name="count">How many.</param>
    /// <param name="threes">Threes of bits in each.</param>
    /// <param name="random">Decides all of them.</param>
    /// <param name="device">Where they lie; the processor when null.</param>
    public static TemporalXor Draw(int count, int threes, RandomStream random, Device? device = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(threes, 1);
        var length = 3 * threes;
        var (inputs, targets) = (new int[count * length], new int[count * length]);
        for (var s = 0; s < count; s++)
        {
            // One bit more than are read, so that the last one too has a next.
            var bits = new int[length + 1];
            for (var t = 0; t < bits.Length; t++)
                bits[t] = t % 3 == 2 ? bits[t - 1] ^ bits[t - 2] : (int)random.Below(2, (ulong)(s * (length + 1) + t));
            bits.AsSpan(0, length).CopyTo(inputs.AsSpan(s * length));
            bits.AsSpan(1).CopyTo(targets.AsSpan(s * length));
        }
        return new(Tensor.From(inputs, [inputs.Length], device), Tensor.From(targets, [targets.Length], device), SequenceLayout.Batch(count, length));
    }

    /// <summary>Whether the bit after a row is an exclusive or of two that were read.</summary>
    /// <param name="row">Counted from the beginning of any sequence.</param>
    public static bool IsPredictable(int row) => row % 3 == 1;
}
