namespace Stemma.Models.NGram;

/// <summary>What makes an n-gram model: data only.</summary>
public sealed record NGramConfig
{
    /// <summary>The most words of an n-gram, at least 1.</summary>
    public int Order { get; init; } = 5;

    /// <summary>How what was never seen gets its probability.</summary>
    public Smoothing Smoothing { get; init; } = new ModifiedKneserNey();

    /// <summary>By order, from 1: n-grams seen so often or less are left out. The last number counts for higher orders too; unigrams stay (0).</summary>
    public IReadOnlyList<long> Prune { get; init; } = [];

    /// <summary>N-grams without which perplexity would rise by less than this share are left out (Stolcke 1998); 0 for none.</summary>
    public double EntropyThreshold { get; init; }

    /// <summary>Throws when a field is out of range.</summary>
    /// <exception cref="ConfigurationException">Such a field; the message names it.</exception>
    public void Validate()
    {
        if (Order < 1) throw new ConfigurationException($"The order is {Order}; it must be at least 1.");
        if (Prune.Count > Order) throw new ConfigurationException($"There are {Prune.Count} pruning thresholds for an order of {Order}; give at most one for each order.");
        if (Prune.Any(threshold => threshold < 0)) throw new ConfigurationException("A pruning threshold is below 0; it is how often an n-gram may be seen and still be left out.");
        if (Prune.Count > 0 && Prune[0] != 0) throw new ConfigurationException($"The pruning threshold of unigrams is {Prune[0]}; it must be 0, since unigrams are the vocabulary.");
        for (var i = 1; i < Prune.Count; i++)
            if (Prune[i] < Prune[i - 1]) throw new ConfigurationException($"The pruning thresholds {string.Join(',', Prune)} fall; they must not, or an n-gram would outlive a part of it.");
        if (!(EntropyThreshold >= 0 && double.IsFinite(EntropyThreshold))) throw new ConfigurationException($"The entropy threshold is {EntropyThreshold}; it must be at least 0, such as 1e-7.");
        if (EntropyThreshold > 0 && !Smoothing.IsNormalized) throw new ConfigurationException($"Pruning by entropy needs probabilities, and the scores of {Smoothing.Name} are none. Choose another smoothing, or prune by counts.");
        Smoothing.Validate(Order);
    }

    /// <summary>"5-gram, modified Kneser–Ney".</summary>
    public override string ToString() => $"{(Order == 1 ? "unigram" : $"{Order}-gram")}, {Smoothing.Name}{(Prune.Any(threshold => threshold > 0) ? $", pruned {string.Join(' ', Prune)}" : "")}{(EntropyThreshold > 0 ? FormattableString.Invariant($", entropy {EntropyThreshold:0.###e-0}") : "")}";
}
