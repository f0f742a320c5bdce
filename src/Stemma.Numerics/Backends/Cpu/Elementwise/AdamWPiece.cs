namespace Stemma.Numerics.Backends.Cpu.Elementwise;

/// <summary>One weight in a pass of <see cref="AdamWStep"/>: four arrays of one length.</summary>
/// <param name="parameters">Changed.</param>
/// <param name="gradients">Of the loss.</param>
/// <param name="firstMoments">Changed.</param>
/// <param name="secondMoments">Changed.</param>
/// <param name="length">Elements of each.</param>
/// <param name="decays">Whether the weight shrinks.</param>
internal unsafe struct AdamWPiece(float* parameters, float* gradients, float* firstMoments, float* secondMoments, nint length, bool decays)
{
    public readonly float* Parameters = parameters, Gradients = gradients, FirstMoments = firstMoments, SecondMoments = secondMoments;
    public readonly nint Length = length;
    public readonly bool Decays = decays;

    /// <summary>The number of the first item of the pass that lies in this piece.</summary>
    public int FirstItem;
}
