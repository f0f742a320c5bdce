using System.Globalization;

namespace Stemma.Models.NGram;

/// <summary>
/// p(w|h) = (c(hw) + k) / (c(h) + k·V): Laplace's rule for k = 1, Lidstone's otherwise. It is the mean of the posterior of a Dirichlet
/// prior with all parameters k. Every order has the uniform distribution alone behind it, so that a context never seen predicts that.
/// </summary>
public sealed record AddK : Smoothing
{
    internal override string MethodName => $"add-{K.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Added to every count; above 0.</summary>
    public double K { get; init; } = 1;

    internal override bool HasUniformLowerOrders => true;

    /// <inheritdoc/>
    public override void Validate(int order)
    {
        if (!(K > 0 && double.IsFinite(K))) throw new ConfigurationException($"k is {K}; it must be above 0.");
    }

    internal override OrderParameters Fit(int order, CountsOfCounts statistics, int predictedCount, Action<string> warn) => OrderParameters.Reserve(0, K * predictedCount);
}
