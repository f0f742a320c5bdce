namespace Stemma.Generation;

/// <summary>How text is continued.</summary>
public sealed record GenerationOptions
{
    /// <summary>The most tokens to add, ≥ 0.</summary>
    public int MaxTokens { get; init; } = 128;

    /// <summary>0 takes the likeliest token each time; 1 samples as the model says.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Samples among this many likeliest tokens; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Samples among the likeliest tokens that together reach this probability; 1 for all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Decides the draws: the same seed, model and prompt give the same text.</summary>
    public ulong Seed { get; init; }

    /// <summary>Texts that end the continuation; they are not part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Whether the end-of-text token ends the continuation.</summary>
    public bool StopAtEndOfText { get; init; } = true;

    /// <summary>Tokens that end the continuation beside that of the end of text.</summary>
    public IReadOnlyList<int> EndTokens { get; init; } = [];

    /// <summary>What the <c>generation_config.json</c> of a model's folder asks for; the usual options where there is none.</summary>
    /// <exception cref="CheckpointException">It is no JSON object, or a field is out of range.</exception>
    public static GenerationDefaults Of(string folder) => GenerationConfigFile.Read(folder) ?? new(new(), []);

    /// <summary>The sampler these settings describe.</summary>
    /// <exception cref="ConfigurationException">A setting is out of range.</exception>
    public Sampler BuildSampler()
    {
        if (MaxTokens < 0) throw new ConfigurationException($"max-tokens is {MaxTokens}; it must not be negative.");
        if (!(Temperature >= 0) || double.IsInfinity(Temperature)) throw new ConfigurationException($"temperature is {Temperature}; it must be 0 (greedy) or more.");
        if (TopK < 0) throw new ConfigurationException($"top-k is {TopK}; it must be 1 or more, or 0 for all tokens.");
        if (!(TopP is > 0 and <= 1)) throw new ConfigurationException($"top-p is {TopP}; it must lie above 0 and at most at 1.");
        if (Stop.Any(string.IsNullOrEmpty)) throw new ConfigurationException("A stop text is empty; give at least one character.");
        if (Temperature == 0) return Sampler.Greedy;
        LogitsTransform[] transforms =
        [
            .. Temperature == 1 ? [] : (LogitsTransform[])[new Temperature(Temperature)],
            .. TopK == 0 ? [] : (LogitsTransform[])[new TopK(TopK)],
            .. TopP == 1 ? [] : (LogitsTransform[])[new TopP(TopP)],
        ];
        return Sampler.Create(transforms);
    }
}
