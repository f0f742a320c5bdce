using Stemma.Configuration;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models;
using Stemma.Models.Composed;
using Stemma.Models.Gpt2;
using Stemma.Models.Llama;
using Stemma.Models.Mixtral;
using Stemma.Models.NeuralNGram;
using Stemma.Models.Recurrent;
using Stemma.Optimizers;
using Stemma.Schedules;

namespace Stemma.Training;

/// <summary>Runs that are known to be good, by name.</summary>
public static class Presets
{
    /// <summary>What <c>stemma train</c> alone does: a small model of the .NET reference documentation, in less than four minutes on two cores. Small batches: many steps matter more than steady ones.</summary>
    public static TrainingRun Docs { get; } = new()
    {
        Model = new Gpt2Config { LayerCount = 4, HeadCount = 4, HiddenSize = 128, ContextLength = 128 },
        Tokenizer = new BpeTokenizerConfig { VocabSize = 4096 },
        Schedule = new CosineSchedule { LearningRate = 3e-3, FinalLearningRate = 0, WarmupSteps = 100 },
        BatchSize = 8,
        Steps = 3400,
        EvaluationInterval = 425,
    };

    /// <summary><see cref="Docs"/> with the decoder of Vaswani et al. 2017: norms after the sums, waves for positions, ReLU.</summary>
    public static TrainingRun Transformer2017 { get; } = Docs with
    {
        Model = new ComposedConfig
        {
            ContextLength = 128,
            Positions = new SinusoidalPositionsConfig(),
            Norm = NormKind.LayerNorm,
            Block = BlockKind.PostNorm,
            FeedForward = new MlpConfig { Activation = ActivationKind.Relu },
            Bias = true,
            TiesEmbeddings = true,
            ScalesEmbeddings = true,
            // Xavier's variance for 128 channels.
            InitializerRange = 0.09,
        },
    };

    /// <summary><see cref="Docs"/> with Llama's parts at as many weights a block: RMSNorm, rotary positions, two key heads for four heads, SwiGLU.</summary>
    public static TrainingRun Llama { get; } = Docs with { Model = new LlamaConfig { ContextLength = 128, KvHeadCount = 2, IntermediateSize = 384, TiesEmbeddings = true } };

    /// <summary><see cref="Llama"/> with a mixture of eight experts of half the size, of which a token meets two: as many operations a token, three times the weights in blocks.</summary>
    public static TrainingRun Mixture { get; } = Docs with { Model = new MixtralConfig { ContextLength = 128, KvHeadCount = 2, IntermediateSize = 192, TiesEmbeddings = true, LoadLossWeight = 0.01 } };

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

    /// <summary>
    /// The small LSTM of Zaremba et al. 2014, arXiv:1409.2329, on the words of the Penn Treebank, whose files <c>data.source</c> and
    /// <c>data.validation</c> must name. Theirs is a loss summed over the 20 steps of a window: the rate is 20 times theirs and the
    /// clip a 20th, for a mean over tokens.
    /// </summary>
    public static TrainingRun PtbLstmSmall { get; } = PennTreebank(new LstmConfig { HiddenSize = 200, ContextLength = 20 }, epochs: 13, Descent(20, stableEpochs: 4, factor: 0.5, clip: 0.25));

    /// <summary>The medium LSTM of the same paper: 2 × 650 units, windows of 35, dropout 0.5 between layers, 39 epochs.</summary>
    public static TrainingRun PtbLstmMedium { get; } = PennTreebank(
        new LstmConfig { HiddenSize = 650, ContextLength = 35, InitializerRange = 0.05, Dropout = new LayerDropout { Probability = 0.5 } }, epochs: 39, Descent(35, stableEpochs: 6, factor: 1 / 1.2, clip: 5.0 / 35));

    /// <summary>
    /// A simple recurrent network on the words of the Penn Treebank, after Mikolov and Zweig 2012: 200 units, by Adam in five epochs where
    /// they had gradient descent, with dropout before and after the layer.
    /// </summary>
    public static TrainingRun PtbRnn { get; } = PennTreebank(new RnnConfig { HiddenSize = 200, LayerCount = 1, ContextLength = 20, Dropout = new LayerDropout { Probability = 0.2 } }, epochs: 5, FallingAdam);

    /// <summary>The neural 6-gram of Bengio et al. 2003 on the words of the Penn Treebank, by Adam in four epochs, regularised by dropout instead of weight decay.</summary>
    public static TrainingRun PtbNeuralNGram { get; } = PennTreebank(
        new NeuralNGramConfig { Order = 6, EmbeddingSize = 120, HiddenSize = 250, ContextLength = 20, Dropout = 0.25 }, epochs: 4, FallingAdam);

    /// <summary>The names there are.</summary>
    public static IReadOnlyList<string> Names { get; } = ["docs", "transformer-2017", "llama", "mixture", "cpu", "baby", "small", "ptb-rnn", "ptb-lstm-small", "ptb-lstm-medium", "ptb-neural-ngram"];

    /// <summary>The preset of a name.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static TrainingRun Find(string name) => name switch
    {
        "docs" => Docs,
        "transformer-2017" => Transformer2017,
        "llama" => Llama,
        "mixture" => Mixture,
        "cpu" => Cpu,
        "baby" => Baby,
        "small" => Small,
        "ptb-rnn" => PtbRnn,
        "ptb-lstm-small" => PtbLstmSmall,
        "ptb-lstm-medium" => PtbLstmMedium,
        "ptb-neural-ngram" => PtbNeuralNGram,
        _ => throw new ConfigurationException($"There is no preset {name}.{NearestName.Suggestion(name, Names)} Presets: {string.Join(", ", Names)}."),
    };

    // 20 streams of the 929,589 words; an evaluation of all the held-out text after every epoch.
    private static TrainingRun PennTreebank(ModelConfig model, int epochs, Func<TrainingRun, int, TrainingRun> recipe)
    {
        const int Words = 929_589, Streams = 20;
        var epoch = (Words / Streams - 1) / model.ContextLength;
        return recipe(
            new()
            {
                Model = model,
                Data = new() { Source = "ptb.train.txt", Validation = "ptb.valid.txt" },
                Tokenizer = new WordTokenizerConfig(),
                BatchSize = Streams,
                Steps = epochs * epoch,
                EvaluationInterval = epoch,
                EvaluationTokens = 0,
            },
            epoch);
    }

    // Plain gradient descent, whose rate is multiplied after each epoch but the first ones.
    private static Func<TrainingRun, int, TrainingRun> Descent(double rate, int stableEpochs, double factor, double clip) => (run, epoch) => run with
    {
        Optimizer = new SgdConfig(),
        Schedule = new StepSchedule { LearningRate = rate, WarmupSteps = 0, StableSteps = stableEpochs * epoch, IntervalSteps = epoch, Factor = factor },
        GradientClip = clip,
    };

    // A rate that falls to nothing needs few epochs.
    private static TrainingRun FallingAdam(TrainingRun run, int epoch) => run with
    {
        Optimizer = new AdamConfig(),
        Schedule = new CosineSchedule { LearningRate = 2e-3, FinalLearningRate = 0, WarmupSteps = 100 },
    };
}
