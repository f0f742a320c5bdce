using Stemma.Models;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Optimizers;
using Stemma.Schedules;

namespace Stemma.Training;

/// <summary>All that decides a training run's bits. Saved beside its result as <c>run.json</c>, it replays the run.</summary>
public sealed record TrainingRun
{
    /// <summary>The model. A vocabulary size of 0 becomes the tokenizer's.</summary>
    public ModelConfig Model { get; init; } = Gpt2Config.Tiny;

    /// <summary>The text.</summary>
    public DataConfig Data { get; init; } = new();

    /// <summary>How text becomes tokens.</summary>
    public TokenizerConfig Tokenizer { get; init; } = new BpeTokenizerConfig();

    /// <summary>How gradients become steps.</summary>
    public OptimizerConfig Optimizer { get; init; } = new AdamWConfig();

    /// <summary>How large the steps are.</summary>
    public Schedule Schedule { get; init; } = new CosineSchedule();

    /// <summary>Updates of the weights; the schedule's length.</summary>
    public int Steps { get; init; } = 2000;

    /// <summary>Sequences per forward pass.</summary>
    public int BatchSize { get; init; } = 12;

    /// <summary>Forward passes per update; their gradients are one batch's, exactly the mean over its tokens.</summary>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>The largest norm of all gradients together; 0 does not clip.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>What the factors of matrix products are rounded to; weights stay float32.</summary>
    public ComputePrecision Precision { get; init; } = ComputePrecision.Float32;

    /// <summary>Whether the forward pass keeps the input of each block alone and the backward pass computes the block again: a third more time, far less memory, the same bits.</summary>
    public bool Checkpointing { get; init; }

    /// <summary>Seeds weights, batches, dropout and samples.</summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>The vocabulary is padded to a multiple of this.</summary>
    public int VocabMultiple { get; init; } = 1;

    /// <summary>Updates between evaluations on held-out text, checkpoints included; 0 evaluates at the end only.</summary>
    public int EvaluationInterval { get; init; } = 250;

    /// <summary>Held-out tokens per evaluation while training, from the start of the held-out text; 0 for all. The last one takes all.</summary>
    public int EvaluationTokens { get; init; } = 65_536;

    /// <summary>Evaluations without a new best before the run stops early; 0 never stops.</summary>
    public int Patience { get; init; }

    /// <summary>Tokens of a sample shown at every evaluation; 0 for none.</summary>
    public int SampleTokens { get; init; } = 48;

    /// <summary>Throws when a field is out of range or contradicts another.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        Check.Positive(Steps, "steps");
        Check.Positive(BatchSize, "batch_size");
        Check.Positive(AccumulationSteps, "accumulation_steps");
        Check.Positive(VocabMultiple, "vocab_multiple");
        Check.NotNegative(GradientClip, "gradient_clip");
        Check.NotNegative(EvaluationInterval, "evaluation_interval");
        Check.NotNegative(EvaluationTokens, "evaluation_tokens");
        Check.NotNegative(Patience, "patience");
        Check.NotNegative(SampleTokens, "sample_tokens");
        Check.NotNegative(Schedule.LearningRate, "schedule.learning_rate");
        Check.NotNegative(Schedule.WarmupSteps, "schedule.warmup_steps");
        if (Schedule is ExponentialSchedule exponential && !(exponential.LearningRate > 0 && exponential.FinalLearningRate > 0))
            throw new ConfigurationException($"schedule.learning_rate is {exponential.LearningRate} and schedule.final_learning_rate {exponential.FinalLearningRate}; an exponential schedule goes by factors, both must be positive.");
        if (Data.ValidationFraction is <= 0 or >= 1) throw new ConfigurationException($"data.validation_fraction is {Data.ValidationFraction}; it lies between 0 and 1.");
        if (Tokenizer is BpeTokenizerConfig { VocabSize: < 257 } bpe) throw new ConfigurationException($"tokenizer.vocab_size is {bpe.VocabSize}; byte-level BPE needs at least 257 (256 bytes and the end of text).");
        if (Tokenizer is WordTokenizerConfig { VocabSize: not 0 and < 4 } words) throw new ConfigurationException($"tokenizer.vocab_size is {words.VocabSize}; give at least 4 (three special tokens and a word), or 0 for all words.");
        if (Tokenizer is SentencePieceBpeTokenizerConfig { VocabSize: < 259 } merges) throw new ConfigurationException($"tokenizer.vocab_size is {merges.VocabSize}; SentencePiece's BPE needs at least 259 (256 bytes, the unknown, the end of text, a character).");
        if (Tokenizer is UnigramTokenizerConfig { VocabSize: < 259 } unigram) throw new ConfigurationException($"tokenizer.vocab_size is {unigram.VocabSize}; Unigram needs at least 259 (256 bytes, the unknown, the end of text, a character).");
        if (Tokenizer is WordPieceTokenizerConfig { VocabSize: < 7 } pieces) throw new ConfigurationException($"tokenizer.vocab_size is {pieces.VocabSize}; WordPiece needs at least 7 (six special tokens and a character).");
        if (Schedule is StepSchedule step)
        {
            Check.NotNegative(step.StableSteps, "schedule.stable_steps");
            Check.Positive(step.IntervalSteps, "schedule.interval_steps");
            if (!(step.Factor is > 0 and <= 1)) throw new ConfigurationException($"schedule.factor is {step.Factor}; a decay multiplies the rate by more than 0 and at most 1.");
        }
        (Model with { VocabSize = Math.Max(Model.VocabSize, 1) }).Validate();
    }
}
