using System.Text.Json.Serialization;
using Stemma.Optimizers;
using Stemma.Schedules;

namespace Stemma.Training.Encoders;

/// <summary>All that decides the bits of fine-tuning an encoder. Saved beside its result as <c>run.json</c>, it replays the run.</summary>
public sealed record TuningRun
{
    /// <summary>The folder of the encoder: a run of <c>stemma pretrain</c>, or a Hugging Face folder with a tokenizer.</summary>
    public string Encoder { get; init; } = "";

    /// <summary>Whether the encoder's weights are made anew, as a comparison: its sizes and its tokenizer alone are taken.</summary>
    public bool FromScratch { get; init; }

    /// <summary>What is learned.</summary>
    public TuningTaskKind Task { get; init; }

    /// <summary>Labelled data to learn from.</summary>
    public string Train { get; init; } = "";

    /// <summary>Labelled data that is held out.</summary>
    public string Valid { get; init; } = "";

    /// <summary>How gradients become steps.</summary>
    public OptimizerConfig Optimizer { get; init; } = new AdamWConfig();

    /// <summary>How large the steps are.</summary>
    public Schedule Schedule { get; init; } = new LinearSchedule { LearningRate = 3e-4, WarmupSteps = 50 };

    /// <summary>Passes over the data.</summary>
    public int Epochs { get; init; } = 3;

    /// <summary>Examples per update.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Tokens of an example; longer ones are cut (of questions, texts around the answer).</summary>
    public int MaxTokens { get; init; } = 128;

    /// <summary>The largest norm of all gradients together; 0 does not clip.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>Seeds the head, order and dropout.</summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>Throws when a field is out of range.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        Check.Positive(Epochs, "epochs");
        Check.Positive(BatchSize, "batch_size");
        Check.NotNegative(GradientClip, "gradient_clip");
        Check.NotNegative(Schedule.LearningRate, "schedule.learning_rate");
        Check.NotNegative(Schedule.WarmupSteps, "schedule.warmup_steps");
        if (MaxTokens < 8) throw new ConfigurationException($"max_tokens is {MaxTokens}; an example needs at least 8.");
    }
}

/// <summary>What an encoder is fine-tuned to do.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TuningTaskKind>))]
public enum TuningTaskKind
{
    /// <summary>Classes of texts.</summary>
    Classify,

    /// <summary>Tags of words.</summary>
    Tag,

    /// <summary>Answers in texts.</summary>
    Qa,
}
