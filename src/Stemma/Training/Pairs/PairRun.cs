using Stemma.Models;
using Stemma.Models.Seq2Seq;
using Stemma.Models.Transformer2017;
using Stemma.Optimizers;
using Stemma.Schedules;

namespace Stemma.Training.Pairs;

/// <summary>All that decides the bits of training an encoder–decoder. Saved beside its result as <c>run.json</c>, it replays the run.</summary>
public sealed record PairRun
{
    /// <summary>The model. Vocabulary sizes of 0 become the tokenizers'.</summary>
    public ConditionalModelConfig Model { get; init; } = new Seq2SeqConfig();

    /// <summary>
    /// The folder of a T5 or BART to go on from, such as <c>stemma pretrain --objective span</c> makes: its sizes, its weights and its tokenizer
    /// are taken instead of those that the model and the tokenizer here describe, and the result is such a folder again. Empty for a new model.
    /// </summary>
    public string Pretrained { get; init; } = "";

    /// <summary>Whether the weights of <see cref="Pretrained"/> are made anew, as a comparison: its sizes and its tokenizer alone are taken.</summary>
    public bool FromScratch { get; init; }

    /// <summary>The pairs.</summary>
    public PairDataConfig Data { get; init; } = new();

    /// <summary>How either side becomes tokens: a tokenizer for each, of this kind.</summary>
    public TokenizerConfig Tokenizer { get; init; } = new BpeTokenizerConfig();

    /// <summary>Whether both sides have one tokenizer, trained on the lines of both.</summary>
    public bool SharedVocabulary { get; init; }

    /// <summary>How gradients become steps.</summary>
    public OptimizerConfig Optimizer { get; init; } = new AdamConfig();

    /// <summary>How large the steps are.</summary>
    public Schedule Schedule { get; init; } = new CosineSchedule { WarmupSteps = 200 };

    /// <summary>Passes over the pairs.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Pairs per update.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>How much of a target's probability is spread over all tokens while training.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>The probability, reached linearly at the last update, with which the decoder reads its own word instead of the target's.</summary>
    public double ScheduledSampling { get; init; }

    /// <summary>The largest norm of all gradients together; 0 does not clip.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>Seeds weights, order, dropout and draws.</summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>Throws when a field is out of range or contradicts another.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        Check.Positive(Epochs, "epochs");
        Check.Positive(BatchSize, "batch_size");
        Check.NotNegative(GradientClip, "gradient_clip");
        Check.Probability(LabelSmoothing, "label_smoothing");
        if (!(ScheduledSampling is >= 0 and <= 1)) throw new ConfigurationException($"scheduled_sampling is {ScheduledSampling}; it is a probability from 0 to 1.");
        Check.NotNegative(Schedule.LearningRate, "schedule.learning_rate");
        Check.NotNegative(Schedule.WarmupSteps, "schedule.warmup_steps");
        if (Pretrained.Length > 0)
        {
            if (Data.Lowercase) throw new ConfigurationException("data.lowercase has no meaning with pretrained: the folder that comes out says nothing of it. Make the letters of the files small instead.");
            return;
        }
        if (FromScratch) throw new ConfigurationException("from_scratch has no meaning without pretrained: all weights are new then.");
        if (Tokenizer is BpeTokenizerConfig { VocabSize: < 257 } bpe) throw new ConfigurationException($"tokenizer.vocab_size is {bpe.VocabSize}; byte-level BPE needs at least 257 (256 bytes and the end of text).");
        if (Tokenizer is WordTokenizerConfig { VocabSize: not 0 and < 4 } words) throw new ConfigurationException($"tokenizer.vocab_size is {words.VocabSize}; give at least 4 (three special tokens and a word), or 0 for all words.");
        if (Tokenizer is TokenizerFileConfig) throw new ConfigurationException("tokenizer.kind is file; sources and targets have a tokenizer each, so choose bpe, char or word.");
        if (Model is Transformer2017Config { SharedEmbeddings: true } && !SharedVocabulary) throw new ConfigurationException("model.shared_embeddings needs one tokenizer for both sides; set shared_vocabulary.");
        (Model with { SourceVocabSize = Math.Max(Model.SourceVocabSize, 1), TargetVocabSize = Math.Max(Model.TargetVocabSize, 1) }).Validate();
    }
}

/// <summary>Where the pairs come from: files of lines that belong together, one by one; a name that ends in <c>.gz</c> is unpacked.</summary>
public sealed record PairDataConfig
{
    /// <summary>Sources, one a line.</summary>
    public string Source { get; init; } = "";

    /// <summary>Targets, one a line.</summary>
    public string Target { get; init; } = "";

    /// <summary>Held-out sources.</summary>
    public string ValidSource { get; init; } = "";

    /// <summary>Held-out targets.</summary>
    public string ValidTarget { get; init; } = "";

    /// <summary>Whether letters are made small first, on either side.</summary>
    public bool Lowercase { get; init; }

    /// <summary>Pairs with more tokens than this on a side are left out of training; 0 for none.</summary>
    public int MaxTokens { get; init; } = 128;
}
