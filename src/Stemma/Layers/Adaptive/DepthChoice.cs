namespace Stemma.Layers;

/// <summary>Which rows of a sequence a block of a <see cref="MixtureOfDepths"/> computes.</summary>
public abstract class DepthChoice
{
    /// <summary>The rows of one sequence that are computed, in their order, counted within it.</summary>
    /// <param name="weights">The router's number of each row.</param>
    public abstract int[] Choose(ReadOnlySpan<float> weights);
}

/// <summary>The share of rows with the greatest weights, so that a block costs the same for every sequence of a length; for training, as it looks at later rows. Raposo et al. 2024, arXiv:2404.02258, section 3.3.</summary>
/// <param name="capacity">0 &lt; share ≤ 1; of a sequence at least one row.</param>
public sealed class GreatestRows(double capacity) : DepthChoice
{
    private readonly double _capacity = capacity is > 0 and <= 1 ? capacity : throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "The share of rows that go through is more than 0 and at most 1.");

    /// <inheritdoc/>
    public override int[] Choose(ReadOnlySpan<float> weights)
    {
        var values = weights.ToArray();
        var count = Math.Clamp((int)Math.Floor(_capacity * values.Length), Math.Min(1, values.Length), values.Length);
        return [.. Enumerable.Range(0, values.Length).OrderByDescending(row => values[row]).Take(count).Order()];
    }
}

/// <summary>The rows whose own weight says that they would be among the greatest, σ(weight) &gt; ½: looks at no other row. What <see cref="ExpertBalance.ChoiceLoss"/> has trained it to. Raposo et al. 2024, arXiv:2404.02258, section 3.5.</summary>
public sealed class LikelyRows : DepthChoice
{
    /// <inheritdoc/>
    public override int[] Choose(ReadOnlySpan<float> weights)
    {
        var chosen = new List<int>();
        for (var row = 0; row < weights.Length; row++)
            if (weights[row] > 0) chosen.Add(row);
        return [.. chosen];
    }
}
