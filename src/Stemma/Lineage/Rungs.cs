using Stemma.Models;
using Stemma.Models.NeuralNGram;
using Stemma.Models.NGram;
using Stemma.Models.Recurrent;
using Stemma.Training;

namespace Stemma.Lineage;

/// <summary>The lineage, in the order in which one thing led to the next.</summary>
public static class Rungs
{
    /// <summary>All there are so far.</summary>
    public static IReadOnlyList<Rung> All { get; } =
    [
        new UniformRung("uniform", "uniform", 1948, "Shannon, A Mathematical Theory of Communication", "the scale begins", Ability.Prediction),
        Counted("unigram", "unigram", 1948, "Shannon, zero order and first order", "some tokens are more frequent", Ability.Prediction, 1, new WittenBell()),
        Counted("trigram", "3-gram, unsmoothed", 1913, "Markov; Shannon, second order", "order matters", Ability.Order, 3, new MaximumLikelihood()),
        Counted("add-k", "3-gram, add-0.01", 1920, "Lidstone; Jeffreys", "nothing is impossible", Ability.Possibility, 3, new AddK { K = 0.01 }),
        Counted("witten-bell", "5-gram, Witten–Bell", 1991, "Witten & Bell, The Zero-Frequency Problem", "long contexts lean on short ones", Ability.Prediction, 5, new WittenBell()),
        Counted("kneser-ney", "5-gram, Kneser–Ney", 1995, "Kneser & Ney, Improved Backing-Off", "counts contexts, not occurrences", Ability.Prediction, 5, new KneserNey()),
        Counted("modified-kneser-ney", "5-gram, modified Kneser–Ney", 1998, "Chen & Goodman, An Empirical Study of Smoothing", "a discount for each count", Ability.Prediction, 5, new ModifiedKneserNey()),
        Trained("neural-ngram", "neural 5-gram", 2003, "Bengio et al., A Neural Probabilistic Language Model", "shares strength between words", Ability.Novelty, new NeuralNGramConfig { Order = 5, EmbeddingSize = 64, HiddenSize = 256, ContextLength = 128 }),
        Trained("rnn", "RNN", 2010, "Elman 1990; Mikolov et al., Recurrent neural network based language model", "no fixed window", Ability.Reach, new RnnConfig { HiddenSize = 192, LayerCount = 1, ContextLength = 64 }),
        Trained("lstm", "LSTM", 1997, "Hochreiter & Schmidhuber, Long Short-Term Memory", "gradients survive", Ability.Reach, new LstmConfig { HiddenSize = 192, LayerCount = 1, ContextLength = 64 }),
        Trained("gru", "GRU", 2014, "Cho et al., Learning Phrase Representations", "fewer gates do as well", Ability.Prediction, new GruConfig { HiddenSize = 192, LayerCount = 1, ContextLength = 64 }),
        new TrainedRung("transformer-2017", "Transformer decoder", 2017, "Vaswani et al., Attention Is All You Need", "copies what it read", Ability.Copying, Presets.Transformer2017),
        new TrainedRung("gpt2", "GPT-2 style", 2019, "Radford et al., Language Models are Unsupervised Multitask Learners", "norms before the parts: learns faster", Ability.Prediction, Presets.Docs),
        new TrainedRung("llama", "Llama style", 2023, "Touvron et al., LLaMA", "turns by distance, gates what passes", Ability.Prediction, Presets.Llama),
        new TrainedRung("mixture", "mixture of experts", 2024, "Shazeer et al. 2017, The Sparsely-Gated Mixture-of-Experts Layer; Jiang et al. 2024, Mixtral of Experts", "more weights, as many operations", Ability.Prediction, Presets.Mixture),
    ];

    // Each at the same number of tokens a step and with the optimizer of the Transformer, so that the kind of model is what differs.
    private static TrainedRung Trained(string name, string title, int year, string paper, string arrow, Ability test, ModelConfig model) =>
        new(name, title, year, paper, arrow, test, Presets.Docs with { Model = model, BatchSize = Presets.Docs.BatchSize * Presets.Docs.Model.ContextLength / model.ContextLength });

    private static CountedRung Counted(string name, string title, int year, string paper, string arrow, Ability test, int order, Smoothing smoothing) =>
        new(name, title, year, paper, arrow, test, new() { Order = order, Smoothing = smoothing });
}
