namespace Stemma.Numerics.Distributions;

/// <summary>
/// Draws outcomes in the proportion of weights in constant time, two numbers of memory an outcome. Walker 1977, in Vose's 1991 construction.
/// </summary>
/// <remarks>32 random bits choose both the slot and the side of it: a probability is right to 2⁻³².</remarks>
public sealed class AliasTable
{
    private readonly (uint Threshold, int Other)[] _slots;

    /// <summary>Builds the table.</summary>
    /// <param name="weights">Not negative, not all 0, finite.</param>
    /// <exception cref="ArgumentException">Weights that are no such thing.</exception>
    public AliasTable(ReadOnlySpan<double> weights)
    {
        var probabilities = new Categorical(weights).Probabilities;
        var count = probabilities.Length;
        _slots = new (uint, int)[count];
        var height = new double[count];
        var (low, high) = (new Stack<int>(), new Stack<int>());
        for (var i = 0; i < count; i++)
        {
            height[i] = probabilities[i] * count;
            (height[i] < 1 ? low : high).Push(i);
        }
        // Every slot is as high as 1: its own outcome below, and above it a part of one that is too high.
        while (low.Count > 0 && high.Count > 0)
        {
            var (small, large) = (low.Pop(), high.Pop());
            _slots[small] = ((uint)Math.Min(height[small] * 4294967296.0, uint.MaxValue), large);
            height[large] -= 1 - height[small];
            (height[large] < 1 ? low : high).Push(large);
        }
        // Rounding leaves slots that are full; their own outcome is also the other one.
        foreach (var full in low.Concat(high)) _slots[full] = (uint.MaxValue, full);
    }

    /// <summary>How many outcomes there are.</summary>
    public int Count => _slots.Length;

    /// <summary>The outcome that 32 uniform bits choose.</summary>
    public int Sample(uint bits)
    {
        var product = (ulong)bits * (uint)_slots.Length;
        var slot = (int)(product >> 32);
        var (threshold, other) = _slots[slot];
        return (uint)product < threshold ? slot : other;
    }
}
