namespace Stemma.Models.Mixture;

/// <summary>
/// The weights of a mixture that make a held-out text most likely, by expectation maximisation: each weight becomes its part's mean share
/// in the probability of a token. Dempster, Laird and Rubin 1977; Jelinek and Mercer 1980. No step makes the text less likely, and the
/// likelihood has one maximum.
/// </summary>
/// <param name="Values">λ, one for each part.</param>
/// <param name="LossNatsPerToken">The mixture's on the text, in nats.</param>
/// <param name="PartLosses">Each part's alone.</param>
/// <param name="Steps">How many were made.</param>
public sealed record MixtureWeights(IReadOnlyList<double> Values, double LossNatsPerToken, IReadOnlyList<double> PartLosses, int Steps)
{
    private const int MostSteps = 1000;
    private const double Tolerance = 1e-12;

    /// <summary>Fits them.</summary>
    /// <param name="logProbabilities">By part, of every token of the text in nats; none is impossible to all of them.</param>
    /// <exception cref="ConfigurationException">There are no tokens, or one is impossible to every part.</exception>
    public static MixtureWeights Fit(IReadOnlyList<double[]> logProbabilities)
    {
        ArgumentNullException.ThrowIfNull(logProbabilities);
        var (parts, tokens) = (logProbabilities.Count, logProbabilities.Count == 0 ? 0 : logProbabilities[0].Length);
        if (tokens == 0) throw new ConfigurationException("There are no tokens to fit the weights of a mixture on.");
        if (logProbabilities.Any(part => part.Length != tokens)) throw new ArgumentException("The parts have scored different numbers of tokens.", nameof(logProbabilities));
        // Relative to the best part of each token nothing underflows.
        var (best, relative) = (new double[tokens], logProbabilities.Select(_ => new double[tokens]).ToArray());
        for (var t = 0; t < tokens; t++)
        {
            best[t] = logProbabilities.Max(part => part[t]);
            if (double.IsNegativeInfinity(best[t])) throw new ConfigurationException($"Token {t} of the text is impossible to every model. Mix in one that knows it or is smoothed.");
            for (var i = 0; i < parts; i++) relative[i][t] = Math.Exp(logProbabilities[i][t] - best[t]);
        }
        var (weights, loss, steps) = (Enumerable.Repeat(1.0 / parts, parts).ToArray(), double.PositiveInfinity, 0);
        while (true)
        {
            var (shares, sum) = (new double[parts], 0.0);
            for (var t = 0; t < tokens; t++)
            {
                var probability = 0.0;
                for (var i = 0; i < parts; i++) probability += weights[i] * relative[i][t];
                sum -= Math.Log(probability) + best[t];
                for (var i = 0; i < parts; i++) shares[i] += weights[i] * relative[i][t] / probability;
            }
            var improved = loss - (sum / tokens);
            loss = sum / tokens;
            if (improved < Tolerance || steps == MostSteps) return new(weights, loss, [.. logProbabilities.Select(part => -part.Average())], steps);
            for (var i = 0; i < parts; i++) weights[i] = shares[i] / tokens;
            steps++;
        }
    }
}
