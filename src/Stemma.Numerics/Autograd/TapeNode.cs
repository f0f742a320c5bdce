namespace Stemma.Numerics.Autograd;

/// <summary>One recorded operation. Its inputs and what it saved stand in lists of the tape, which are used again by the next.</summary>
internal abstract class TapeNode(string operation, Tensor output, Range inputs, Range saved) : IRecomputation
{
    /// <summary>What a person calls it.</summary>
    public string Operation => operation;

    /// <summary>What it made.</summary>
    public Tensor Output => output;

    /// <summary>Where the tape keeps what it was made from.</summary>
    public Range Inputs => inputs;

    /// <summary>Where the tape keeps the memory that <see cref="Backward"/> reads.</summary>
    public Range Saved => saved;

    /// <summary>The gradients of the inputs, from that of the output.</summary>
    public abstract Tensor?[] Backward(Tensor outputGradient);

    /// <inheritdoc/>
    public abstract void Recompute();
}

/// <summary>An operation whose functions capture nothing: what they need is in one value, so that recording makes one object.</summary>
internal sealed class TapeNode<TState>(
    string operation, Tensor output, Range inputs, Range saved, TState state, Func<TState, Tensor, Tensor?[]> backward, Action<TState>? recompute) : TapeNode(operation, output, inputs, saved)
{
    public override Tensor?[] Backward(Tensor outputGradient) => backward(state, outputGradient);

    public override void Recompute() => recompute!(state);
}
