namespace Stemma;

/// <summary>An encoder–decoder: a language model once the source is known.</summary>
public interface IConditionalModel
{
    /// <summary>The model of what belongs to a source: a translation, a summary, a date in another writing.</summary>
    /// <param name="source">At least one token of the source's vocabulary.</param>
    /// <returns>Its states remember the source; a step of it takes states of this model alone.</returns>
    ILanguageModel Given(ReadOnlyMemory<int> source);
}
