using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Models;

/// <summary>What a model of fixed memory remembers of one sequence.</summary>
internal sealed class CarriedSequence(CarriedState state) : ISequenceState
{
    /// <summary>One row of each part.</summary>
    public CarriedState State { get; } = state;

    /// <summary>The final hidden state of the last token, which tells what comes next; null before the first.</summary>
    public float[]? LastHidden { get; private set; }

    /// <inheritdoc/>
    public int Length { get; private set; }

    /// <summary>Says that the state has moved on.</summary>
    /// <param name="tokens">By how many tokens.</param>
    /// <param name="lastHidden">[1, hidden] of the last of them.</param>
    public void Advance(int tokens, Tensor lastHidden)
    {
        LastHidden = lastHidden.ToArray<float>();
        Length += tokens;
    }

    /// <inheritdoc/>
    public ISequenceState Fork()
    {
        var copy = new CarriedSequence(new(State.Parts, 1, State.Device)) { LastHidden = LastHidden, Length = Length };
        copy.State.CopyRow(0, State, 0);
        return copy;
    }

    /// <inheritdoc/>
    /// <remarks>What was forgotten cannot be had back: only to where it is, or to the beginning.</remarks>
    public bool TryTruncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length == Length) return true;
        if (length > 0) return false;
        State.Reset();
        (LastHidden, Length) = (null, 0);
        return true;
    }

    public void Dispose() => State.Dispose();
}
