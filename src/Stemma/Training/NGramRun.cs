using Stemma.Models.NGram;

namespace Stemma.Training;

/// <summary>All that decides an n-gram model. Saved beside it as <c>run.json</c>, it makes the model again.</summary>
public sealed record NGramRun
{
    /// <summary>What is estimated.</summary>
    public NGramConfig Model { get; init; } = new();

    /// <summary>The text. A validation fraction of 0 counts all of it.</summary>
    public DataConfig Data { get; init; } = new();

    /// <summary>How text becomes tokens.</summary>
    public TokenizerConfig Tokenizer { get; init; } = new BpeTokenizerConfig();

    /// <summary>Throws when a field is out of range.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        Model.Validate();
        if (Data.ValidationFraction is not (>= 0 and < 1)) throw new ConfigurationException($"The held-out fraction is {Data.ValidationFraction}; it is at least 0 and below 1.");
    }
}
