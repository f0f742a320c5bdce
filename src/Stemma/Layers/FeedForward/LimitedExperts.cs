using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>
/// <see cref="TopExperts"/> where an expert has room for factor · (rows · choices ÷ experts) rows and no more: who comes when it is full is not
/// computed there, and where no expert has room the residual stream alone goes on. Lepikhin et al. 2020 (GShard), arXiv:2006.16668,
/// section 2.2; Fedus et al. 2021 (Switch), arXiv:2101.03961, equation 3.
/// </summary>
/// <remarks>
/// Places are given row by row, each row's best expert first, so that what a row gets depends on no later one (GShard gives all first choices
/// before any second). A row's shares are those it would have with room everywhere. With a capacity that nobody reaches this is <see cref="TopExperts"/>.
/// </remarks>
/// <param name="count">Experts that a row chooses.</param>
/// <param name="factor">Room of an expert, in equal shares of all choices; positive.</param>
public sealed class LimitedExperts(int count, double factor) : ExpertRouting
{
    private readonly TopExperts _top = new(count);
    private readonly double _factor = factor > 0 ? factor : throw new ArgumentOutOfRangeException(nameof(factor), factor, "An expert needs room: a positive factor.");

    /// <summary>The rows that an expert has room for.</summary>
    /// <param name="rows">Of a pass.</param>
    /// <param name="experts">How many there are.</param>
    public int Capacity(int rows, int experts) => Math.Max(1, (int)Math.Min(rows, Math.Ceiling(_factor * rows * Math.Min(count, experts) / experts)));

    /// <inheritdoc/>
    public override ExpertAssignment Assign(Tensor probabilities)
    {
        var wanted = _top.Assign(probabilities);
        var (rows, experts) = probabilities.Shape;
        var capacity = Capacity(rows, experts);
        // An expert is full of the first rows that chose it, whatever these chose beside.
        int[][] kept = [.. wanted.Rows.Select(chosen => chosen.Take(capacity).ToArray())];
        var dropped = wanted.ChosenCount - kept.Sum(chosen => chosen.Length);
        return dropped == 0 ? wanted : wanted with { Rows = kept, Shares = wanted.Shares * Mask(kept, probabilities), DroppedCount = dropped };
    }
}
