using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>
/// Experts choose their rows, each as many as the others: loads are equal without a loss, and a row may meet several experts or none. Zhou et al.
/// 2022, "Mixture-of-experts with expert choice routing", arXiv:2202.09368, section 3.2.
/// </summary>
/// <remarks>A row's chances depend on all rows of the pass, later ones included: for encoders. A decoder trained so would see its future.</remarks>
/// <param name="factor">Experts that a row meets on average (the paper's capacity factor c); positive.</param>
public sealed class ExpertChoice(double factor) : ExpertRouting
{
    private readonly double _factor = factor > 0 ? factor : throw new ArgumentOutOfRangeException(nameof(factor), factor, "Experts take some rows: a positive factor.");

    /// <summary>The rows that each expert takes: rows · factor ÷ experts.</summary>
    /// <param name="rows">Of a pass.</param>
    /// <param name="experts">How many there are.</param>
    public int Capacity(int rows, int experts) => Math.Clamp((int)Math.Floor(_factor * rows / experts), 1, Math.Max(rows, 1));

    /// <inheritdoc/>
    public override ExpertAssignment Assign(Tensor probabilities)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        var (rows, experts) = probabilities.Shape;
        var (values, capacity) = (Values(probabilities), Capacity(rows, experts));
        int[][] taken = [.. Enumerable.Range(0, experts).Select(expert => Enumerable.Range(0, rows).OrderByDescending(row => values[row * experts + expert]).Take(capacity).Order().ToArray())];
        var mask = Mask(taken, probabilities);
        return new(taken, probabilities * mask, mask, taken.Sum(chosen => chosen.Length), 0);
    }
}
