using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>Who meets whom: which rows are sent to which experts, and how much a row takes of each.</summary>
public abstract class ExpertRouting
{
    /// <summary>Sends rows to experts.</summary>
    /// <param name="probabilities">[rows, experts]: the softmax of the router's logits. Shares have gradients to them, choices have none.</param>
    public abstract ExpertAssignment Assign(Tensor probabilities);

    /// <summary>Of each row the experts with the highest probabilities, best first; the lower number where two are equal.</summary>
    private protected static int[][] Best(Tensor probabilities, int count)
    {
        var (rows, experts) = probabilities.Shape;
        var values = Values(probabilities);
        return [.. Enumerable.Range(0, rows).Select(row => Enumerable.Range(0, experts).OrderByDescending(expert => values[row * experts + expert]).Take(count).ToArray())];
    }

    /// <summary>Row-major.</summary>
    private protected static float[] Values(Tensor probabilities) => probabilities.Detach().Cast(DType.Float32).Contiguous().ToArray<float>();

    /// <summary>[rows, experts]: 1 where a row is among an expert's, else 0.</summary>
    private protected static Tensor Mask(IReadOnlyList<int[]> rowsOfExperts, Tensor probabilities)
    {
        var mask = new float[probabilities.Shape.Count];
        for (var expert = 0; expert < rowsOfExperts.Count; expert++)
            foreach (var row in rowsOfExperts[expert]) mask[row * rowsOfExperts.Count + expert] = 1;
        return Tensor.From(mask, probabilities.Shape, probabilities.Device).Cast(probabilities.DType);
    }

    /// <summary>The rows that chose each expert, in their order.</summary>
    private protected static int[][] ByExpert(int[][] chosen, int experts) =>
        [.. Enumerable.Range(0, experts).Select(expert => Enumerable.Range(0, chosen.Length).Where(row => chosen[row].Contains(expert)).ToArray())];
}

/// <summary>What a routing has decided.</summary>
/// <param name="Rows">The rows that each expert computes, in their order.</param>
/// <param name="Shares">[rows, experts]: how much a row takes of each; 0 where it is not sent.</param>
/// <param name="Chosen">[rows, experts]: 1 for experts that a row was to meet, those without room for it included.</param>
/// <param name="ChosenCount">How many choices there are.</param>
/// <param name="DroppedCount">How many of them found no room.</param>
public sealed record ExpertAssignment(IReadOnlyList<int[]> Rows, Tensor Shares, Tensor Chosen, int ChosenCount, int DroppedCount);

/// <summary>
/// Each row meets the experts that its router scores best, however many others do: no row is dropped. Shazeer et al. 2017, arXiv:1701.06538; shares
/// sum to 1, as in Jiang et al. 2024 (Mixtral), arXiv:2401.04088, section 2.1.
/// </summary>
/// <param name="count">Experts that a row meets.</param>
public sealed class TopExperts(int count) : ExpertRouting
{
    private readonly int _count = count > 0 ? count : throw new ArgumentOutOfRangeException(nameof(count), count, "A row meets one expert at least.");

    /// <inheritdoc/>
    public override ExpertAssignment Assign(Tensor probabilities)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        var chosen = Best(probabilities, _count);
        var rows = ByExpert(chosen, probabilities.Shape[1]);
        var mask = Mask(rows, probabilities);
        var kept = probabilities * mask;
        return new(rows, kept / kept.Sum(-1, keepAxis: true), mask, chosen.Sum(experts => experts.Length), 0);
    }
}
