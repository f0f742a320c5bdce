namespace Stemma.Generation;

/// <summary>A state that knows how each of its tokens looked at the source.</summary>
public interface IAlignedState : ISequenceState
{
    /// <summary>For each token seen, the weights over the source's tokens, which sum to 1: those with which what follows the token was chosen. Empty where the model does not look.</summary>
    IReadOnlyList<float[]> Alignment { get; }
}
