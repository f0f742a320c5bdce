namespace Stemma.Numerics;

/// <summary>Knows how the contents of a block of memory came to be.</summary>
internal interface IRecomputation
{
    /// <summary>Writes the whole block once more, the same bits as the first time.</summary>
    void Recompute();
}
