using System.Text.Json.Serialization;
using Stemma.Models;
using Stemma.Models.Bert;
using Stemma.Models.Electra;
using Stemma.Models.T5;
using Stemma.Optimizers;
using Stemma.Schedules;

namespace Stemma.Training.Encoders;

/// <summary>All that decides the bits of pretraining an encoder. Saved beside its result as <c>run.json</c>, it replays the run.</summary>
public sealed record PretrainRun
{
    /// <summary>The encoder; of replaced-token detection an ELECTRA. A vocabulary of 0 becomes the tokenizer's, a context of its own <see cref="MaxTokens"/>.</summary>
    public EncoderConfig Model { get; init; } = BertConfig.Tiny with { ContextLength = 128 };

    /// <summary>What it learns from.</summary>
    public EncoderObjective Objective { get; init; } = new MaskedObjective();

    /// <summary>The text.</summary>
    public DataConfig Data { get; init; } = new();

    /// <summary>How it becomes tokens.</summary>
    public TokenizerConfig Tokenizer { get; init; } = new BpeTokenizerConfig();

    /// <summary>How gradients become steps.</summary>
    public OptimizerConfig Optimizer { get; init; } = new AdamWConfig();

    /// <summary>How large the steps are.</summary>
    public Schedule Schedule { get; init; } = new LinearSchedule { LearningRate = 1e-3, WarmupSteps = 100 };

    /// <summary>Updates.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>Texts per update.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Tokens of a text, begin and separator included.</summary>
    public int MaxTokens { get; init; } = 128;

    /// <summary>Updates from one evaluation to the next.</summary>
    public int EvaluateEvery { get; init; } = 250;

    /// <summary>Held-out texts that an evaluation reads.</summary>
    public int EvaluationTexts { get; init; } = 128;

    /// <summary>The largest norm of all gradients together; 0 does not clip.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>Seeds weights, order, masks and dropout.</summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>Throws when a field is out of range or contradicts another.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        Check.Positive(Steps, "steps");
        Check.Positive(BatchSize, "batch_size");
        Check.Positive(EvaluateEvery, "evaluate_every");
        Check.Positive(EvaluationTexts, "evaluation_texts");
        Check.NotNegative(GradientClip, "gradient_clip");
        Check.NotNegative(Schedule.LearningRate, "schedule.learning_rate");
        Check.NotNegative(Schedule.WarmupSteps, "schedule.warmup_steps");
        if (MaxTokens < 8) throw new ConfigurationException($"max_tokens is {MaxTokens}; a text needs at least 8 tokens to hide some and keep some.");
        if (Objective is SpanObjective)
        {
            Objective.Validate();
            return;
        }
        if (MaxTokens > Model.ContextLength) throw new ConfigurationException($"max_tokens is {MaxTokens}, but model.context_length {Model.ContextLength}: the model has no positions beyond it.");
        if (Objective is ReplacedObjective && Model is not ElectraConfig) throw new ConfigurationException("objective.kind is electra; it needs a model of kind electra.");
        Objective.Validate();
        (Model with { VocabSize = Math.Max(Model.VocabSize, 1) }).Validate();
    }
}

/// <summary>What an encoder is pretrained by.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MaskedObjective), "mlm")]
[JsonDerivedType(typeof(ReplacedObjective), "electra")]
[JsonDerivedType(typeof(SpanObjective), "span")]
public abstract record EncoderObjective
{
    /// <summary>The share of tokens that is hidden.</summary>
    public double Share { get; init; } = 0.15;

    /// <summary>Whether words are hidden whole.</summary>
    public bool WholeWords { get; init; }

    internal virtual void Validate()
    {
        if (!(Share is > 0 and < 1)) throw new ConfigurationException($"objective.share is {Share}; it is a share between 0 and 1.");
    }
}

/// <summary>Predicting hidden tokens. Devlin et al. 2018, arXiv:1810.04805.</summary>
public sealed record MaskedObjective : EncoderObjective;

/// <summary>Telling which tokens a small generator has replaced. Clark et al. 2020, arXiv:2003.10555.</summary>
public sealed record ReplacedObjective : EncoderObjective
{
    /// <summary>The generator's channels as a share of the discriminator's (the paper: a quarter to a half).</summary>
    public double GeneratorShare { get; init; } = 0.5;

    /// <summary>λ: what the discriminator's loss counts beside the generator's.</summary>
    public double Weight { get; init; } = 50;

    internal override void Validate()
    {
        base.Validate();
        if (!(GeneratorShare is > 0 and <= 1)) throw new ConfigurationException($"objective.generator_share is {GeneratorShare}; it is a share above 0 and at most 1.");
        Check.NotNegative(Weight, "objective.weight");
    }
}

/// <summary>Saying the spans that were cut out of a text. Raffel et al. 2019, arXiv:1910.10683. Its model is an encoder–decoder, which stands here.</summary>
public sealed record SpanObjective : EncoderObjective
{
    /// <summary>The T5. A vocabulary of 0 becomes the tokenizer's and a hundred sentinels.</summary>
    public T5Config Model { get; init; } = new() { LayerCount = 2, DecoderLayerCount = 2, HeadCount = 4, HiddenSize = 128, HeadSize = 32, IntermediateSize = 256 };

    /// <summary>The mean length of a span.</summary>
    public double MeanSpan { get; init; } = 3;

    internal override void Validate()
    {
        base.Validate();
        if (WholeWords) throw new ConfigurationException("objective.whole_words has no meaning for span corruption: spans are of tokens.");
        if (!(MeanSpan >= 1)) throw new ConfigurationException($"objective.mean_span is {MeanSpan}; a span has at least one token.");
        (Model with { SourceVocabSize = Math.Max(Model.SourceVocabSize, 1), TargetVocabSize = Math.Max(Model.SourceVocabSize, 1) }).Validate();
    }
}
