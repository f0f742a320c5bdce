using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>How rows read each other where it is not by one softmax over the keys of a window, and what they remember of rows before them.</summary>
public abstract class AttentionMechanism
{
    /// <summary>Keys whose cost is that of a query's, in the mean over a sequence.</summary>
    /// <param name="length">Positions of the sequence.</param>
    internal abstract double KeysPerQuery(int length);

    /// <summary>What each head reads.</summary>
    /// <param name="layer">The block's number: places its memory and its random numbers.</param>
    /// <param name="queries">[rows, heads, size].</param>
    /// <param name="keys">[rows, key heads, size].</param>
    /// <param name="values">[rows, key heads, size of values].</param>
    /// <param name="pass">Layout, cache.</param>
    /// <returns>[rows, heads, size of values].</returns>
    public abstract Tensor Attend(int layer, Tensor queries, Tensor keys, Tensor values, in Pass pass);
}
