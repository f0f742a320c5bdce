using System.Text.Json.Serialization;

namespace Stemma.Lineage;

/// <summary>Something that a language model can or cannot do, measured on held-out text through <see cref="ILanguageModel"/> alone.</summary>
public enum Ability
{
    /// <summary>Predict the text: bits per byte, less is better.</summary>
    Prediction,

    /// <summary>Tell text from the same tokens in another order: bits per token that shuffling costs.</summary>
    Order,

    /// <summary>Leave nothing impossible: the share of tokens that get no probability at all, less is better.</summary>
    Possibility,

    /// <summary>Predict what was never seen after these two tokens: bits per token there, less is better.</summary>
    Novelty,

    /// <summary>Use what is far back: bits per token that 64 tokens of context save over 8.</summary>
    Reach,

    /// <summary>Repeat a random sequence of tokens that was read once: bits per token saved the second time.</summary>
    Copying,
}

/// <summary>What a model's abilities were measured as.</summary>
/// <param name="Order">See <see cref="Ability.Order"/>.</param>
/// <param name="Possibility">See <see cref="Ability.Possibility"/>.</param>
/// <param name="Novelty">See <see cref="Ability.Novelty"/>.</param>
/// <param name="Reach">See <see cref="Ability.Reach"/>.</param>
/// <param name="Copying">See <see cref="Ability.Copying"/>.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record Abilities(double Order, double Possibility, double Novelty, double Reach, double Copying)
{
    /// <summary>One of them; not <see cref="Ability.Prediction"/>, which is the whole evaluation.</summary>
    public double this[Ability ability] => ability switch
    {
        Ability.Order => Order,
        Ability.Possibility => Possibility,
        Ability.Novelty => Novelty,
        Ability.Reach => Reach,
        Ability.Copying => Copying,
        _ => throw new ArgumentOutOfRangeException(nameof(ability), ability, "The prediction of the text is measured by its evaluation."),
    };
}
