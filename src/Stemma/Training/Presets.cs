using Stemma.Configuration;
using Stemma.Models.Gpt2;
using Stemma.Schedules;

namespace Stemma.Training;

/// <summary>Runs that are known to be good, by name.</summary>
public static class Presets
{
    /// <summary>What <c>stemma train</c> alone does: a small model of the .NET reference documentation, in four minutes on two cores. Small batches: many steps matter more than steady ones.</summary>
    public static TrainingRun Docs { get; } = new()
    {
        Model = new Gpt2Config { LayerCount = 4, HeadCount = 4, HiddenSize = 128, ContextLength = 128 },
        Tokenizer = new BpeTokenizerConfig { VocabSize = 4096 },
        Schedule = new CosineSchedule { LearningRate = 3e-3, FinalLearningRate = 0, WarmupSteps = 100 },
        BatchSize = 8,
        Steps = 3400,
        EvaluationInterval = 425,
    };

    /// <summary>nanoGPT's character-level Shakespeare for a processor: 4 layers, 4 heads, 128 channels, context 64.</summary>
    public static TrainingRun Cpu { get; } = new() { Tokenizer = new CharacterTokenizerConfig(), Schedule = new CosineSchedule { LearningRate = 1e-3, FinalLearningRate = 1e-4, WarmupSteps = 100 } };

    /// <summary>nanoGPT's character-level Shakespeare for one GPU: 6 layers, 6 heads, 384 channels, context 256.</summary>
    public static TrainingRun Baby { get; } = Cpu with { Model = Gpt2Config.Baby, BatchSize = 64, Steps = 5000 };

    /// <summary>The size of GPT-2 124M.</summary>
    public static TrainingRun Small { get; } = new()
    {
        Model = Gpt2Config.Small,
        Tokenizer = new BpeTokenizerConfig { VocabSize = 50257 },
        VocabMultiple = 64,
        BatchSize = 4,
        AccumulationSteps = 8,
        Schedule = new CosineSchedule { LearningRate = 6e-4, FinalLearningRate = 6e-5, WarmupSteps = 100 },
    };

    /// <summary>The names there are.</summary>
    public static IReadOnlyList<string> Names { get; } = ["docs", "cpu", "baby", "small"];

    /// <summary>The preset of a name.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static TrainingRun Find(string name) => name switch
    {
        "docs" => Docs,
        "cpu" => Cpu,
        "baby" => Baby,
        "small" => Small,
        _ => throw new ConfigurationException($"There is no preset {name}.{NearestName.Suggestion(name, Names)} Presets: {string.Join(", ", Names)}."),
    };
}
