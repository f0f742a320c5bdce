using System.Text.Json.Serialization;

namespace Stemma.Models.NGram;

/// <summary>
/// How an n-gram model gives probability to what it never saw: data only; a family of records, one per method. Every method but one
/// is interpolation: p(w|h) = (c(hw) − D(c(hw))) / (c(h) + R(h)) + λ(h)·p(w|h′), where h′ is h without its first word, the reserve R
/// is 0, a constant or in proportion to the words seen after h, and λ(h) is what makes it sum to one. The lowest order leans on the
/// uniform distribution over all tokens that can be predicted.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MaximumLikelihood), "maximum_likelihood")]
[JsonDerivedType(typeof(AddK), "add_k")]
[JsonDerivedType(typeof(HierarchicalDirichlet), "hierarchical_dirichlet")]
[JsonDerivedType(typeof(WittenBell), "witten_bell")]
[JsonDerivedType(typeof(AbsoluteDiscounting), "absolute_discounting")]
[JsonDerivedType(typeof(KneserNey), "kneser_ney")]
[JsonDerivedType(typeof(ModifiedKneserNey), "modified_kneser_ney")]
[JsonDerivedType(typeof(LmplzKneserNey), "lmplz_kneser_ney")]
[JsonDerivedType(typeof(StupidBackoff), "stupid_backoff")]
public abstract record Smoothing
{
    /// <summary>Whether a lower order counts in how many contexts an n-gram was seen instead of how often.</summary>
    internal virtual bool UsesContinuationCounts => false;

    /// <summary>Whether, in the counts of counts, the last n-gram of a lower order counts as often as it was seen.</summary>
    internal virtual bool CountsLastAsSeen => false;

    /// <summary>Whether an n-gram of a lower order leans on nothing but the uniform distribution unless it begins a sequence.</summary>
    internal virtual bool HasUniformLowerOrders => false;

    /// <summary>The factor of the lower order where there is no interpolation and no normalisation; null for all methods but one.</summary>
    internal virtual double? FixedBackoff => null;

    /// <summary>What the literature calls it.</summary>
    [JsonIgnore]
    public string Name => MethodName;

    internal abstract string MethodName { get; }

    /// <summary>Whether probabilities sum to one.</summary>
    [JsonIgnore]
    public bool IsNormalized => FixedBackoff is null;

    /// <summary>Throws when a field is out of range, naming it and the way out.</summary>
    /// <param name="order">The model's.</param>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public virtual void Validate(int order)
    {
    }

    /// <summary>What is taken from the counts of an order, and what is added to their sum.</summary>
    /// <param name="order">The order, from 1.</param>
    /// <param name="statistics">How many of its n-grams were seen how often.</param>
    /// <param name="predictedCount">Tokens that can be predicted.</param>
    /// <param name="warn">Told in a sentence where an estimate is not possible and what is used instead.</param>
    internal abstract OrderParameters Fit(int order, CountsOfCounts statistics, int predictedCount, Action<string> warn);
}

/// <summary>What a method takes from the counts of an order, and what it adds to the sum of a context's counts.</summary>
/// <param name="One">Taken from a count of 1.</param>
/// <param name="Two">Taken from a count of 2.</param>
/// <param name="ThreeOrMore">Taken from larger counts.</param>
/// <param name="PerType">Added for every different word that was seen after the context.</param>
/// <param name="Constant">Added once.</param>
internal readonly record struct OrderParameters(double One, double Two, double ThreeOrMore, double PerType, double Constant)
{
    public static OrderParameters Discount(double one, double two, double threeOrMore) => new(one, two, threeOrMore, 0, 0);

    public static OrderParameters Reserve(double perType, double constant) => new(0, 0, 0, perType, constant);

    /// <summary>What is taken from a count.</summary>
    public double Of(ulong count) => count switch { 0 => 0, 1 => One, 2 => Two, _ => ThreeOrMore };
}
