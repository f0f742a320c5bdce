using Stemma.Layers;
using Stemma.Layers.Recurrent;

namespace Stemma.Models.Recurrent;

/// <summary>The sizes of a recurrent language model. Its context length is that of the windows it is trained on: how far back gradients flow.</summary>
public abstract record RecurrentConfig : ModelConfig
{
    /// <summary>Channels of a token's vector; 0 for as many as <see cref="HiddenSize"/>.</summary>
    public int EmbeddingSize { get; init; }

    /// <summary>Units of each layer.</summary>
    public int HiddenSize { get; init; } = 200;

    /// <summary>Recurrent layers, one upon the other.</summary>
    public int LayerCount { get; init; } = 2;

    /// <summary>What is dropped while training.</summary>
    public RecurrentDropout Dropout { get; init; } = new NoDropout();

    /// <summary>All weights start uniform within ± this, as Zaremba et al. 2014, arXiv:1409.2329, have it.</summary>
    public double InitializerRange { get; init; } = 0.1;

    /// <summary>The embedding size in force.</summary>
    internal int TokenSize => EmbeddingSize > 0 ? EmbeddingSize : HiddenSize;

    /// <inheritdoc/>
    public override void Validate()
    {
        Check.Positive(VocabSize, "model.vocab_size");
        Check.Positive(ContextLength, "model.context_length");
        Check.NotNegative(EmbeddingSize, "model.embedding_size");
        Check.Positive(HiddenSize, "model.hidden_size");
        Check.Positive(LayerCount, "model.layer_count");
        Check.NotNegative(InitializerRange, "model.initializer_range");
        Dropout.Validate("model.dropout");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new RecurrentModel(this, weights);

    /// <summary>The recurrent layers.</summary>
    internal abstract RecurrentNetwork BuildNetwork(IWeights weights, Initializer initializer);
}

/// <summary>A language model of simple recurrent layers. Mikolov et al. 2010, "Recurrent neural network based language model".</summary>
public sealed record RnnConfig : RecurrentConfig
{
    internal override RecurrentNetwork BuildNetwork(IWeights weights, Initializer initializer) => new Rnn(weights, TokenSize, HiddenSize, LayerCount, initializer);
}

/// <summary>A language model of gated recurrent units. Cho et al. 2014, arXiv:1406.1078.</summary>
public sealed record GruConfig : RecurrentConfig
{
    internal override RecurrentNetwork BuildNetwork(IWeights weights, Initializer initializer) => new Gru(weights, TokenSize, HiddenSize, LayerCount, initializer);
}

/// <summary>A language model of long short-term memory. Zaremba et al. 2014, arXiv:1409.2329.</summary>
public sealed record LstmConfig : RecurrentConfig
{
    internal override RecurrentNetwork BuildNetwork(IWeights weights, Initializer initializer) => new Lstm(weights, TokenSize, HiddenSize, LayerCount, initializer);
}

/// <summary>A language model of LSTMs with peepholes. Gers and Schmidhuber 2000, "Recurrent nets that time and count".</summary>
public sealed record PeepholeLstmConfig : RecurrentConfig
{
    internal override RecurrentNetwork BuildNetwork(IWeights weights, Initializer initializer) => new PeepholeLstm(weights, TokenSize, HiddenSize, LayerCount, initializer);
}
