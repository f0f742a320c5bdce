using System.Globalization;

namespace Stemma.Models.NGram;

/// <summary>
/// p(w|h) = (c(hw) + α·p(w|h′)) / (c(h) + α): the mean of the posterior of a Dirichlet prior whose own mean is the lower order, and whose α
/// says how many words of evidence that is worth. MacKay &amp; Peto 1995, "A hierarchical Dirichlet language model". With a discount of each
/// count it becomes Kneser and Ney's (Teh 2006, "A hierarchical Bayesian language model based on Pitman–Yor processes").
/// </summary>
public sealed record HierarchicalDirichlet : Smoothing
{
    internal override string MethodName => $"hierarchical Dirichlet, α = {Concentration.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>α of every order; above 0. A held-out text says which is best.</summary>
    public double Concentration { get; init; } = 5;

    /// <inheritdoc/>
    public override void Validate(int order)
    {
        if (!(Concentration > 0 && double.IsFinite(Concentration))) throw new ConfigurationException($"concentration is {Concentration}; it must be above 0.");
    }

    internal override OrderParameters Fit(int order, CountsOfCounts statistics, int predictedCount, Action<string> warn) => OrderParameters.Reserve(0, Concentration);
}
