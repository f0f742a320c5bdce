using Stemma.Layers;

namespace Stemma.Models.NeuralNGram;

/// <summary>The sizes of a neural n-gram model. Its context length is that of the windows it is trained on; what it sees is <see cref="Order"/> − 1 words.</summary>
public sealed record NeuralNGramConfig : ModelConfig
{
    /// <summary>Words of an n-gram: the predicted one and those that it is predicted from.</summary>
    public int Order { get; init; } = 5;

    /// <summary>Channels of a token's vector (m).</summary>
    public int EmbeddingSize { get; init; } = 60;

    /// <summary>Units of the hidden layer (h).</summary>
    public int HiddenSize { get; init; } = 100;

    /// <summary>Whether the output also sees the vectors themselves, not only the hidden layer (W in the paper's equation 1).</summary>
    public bool DirectConnections { get; init; }

    /// <summary>Probability with which a channel of the vectors or a hidden unit is dropped while training.</summary>
    public double Dropout { get; init; }

    /// <summary>All weights start uniform within ± this.</summary>
    public double InitializerRange { get; init; } = 0.1;

    /// <summary>How many words a prediction sees.</summary>
    internal int HistoryLength => Order - 1;

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.Positive(VocabSize, "model.vocab_size");
        Check.Positive(ContextLength, "model.context_length");
        if (Order < 2) throw new ConfigurationException($"model.order is {Order}; a prediction sees at least one word, so it is at least 2.");
        Check.Positive(EmbeddingSize, "model.embedding_size");
        Check.Positive(HiddenSize, "model.hidden_size");
        Check.Probability(Dropout, "model.dropout");
        Check.NotNegative(InitializerRange, "model.initializer_range");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new NeuralNGramModel(this, weights);
}
