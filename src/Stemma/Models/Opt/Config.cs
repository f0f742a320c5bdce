using System.Text.Json.Serialization;
using Stemma.Layers;

namespace Stemma.Models.Opt;

/// <summary>GPT-2's blocks with ReLU, or norms after the parts instead of before. Zhang et al. 2022, arXiv:2205.01068.</summary>
public sealed record OptConfig : DecoderConfig
{
    /// <summary>A tied output.</summary>
    public OptConfig() => TiesEmbeddings = true;

    /// <summary>Whether norms stand before the parts; after them in OPT 350M.</summary>
    public bool PreNorm { get; init; } = true;

    /// <summary>Whether there is a norm after the last block; only where norms stand before the parts.</summary>
    public bool FinalNorm { get; init; } = true;

    /// <summary>Whether linear layers have biases.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether norms have weights and biases.</summary>
    public bool NormWeights { get; init; } = true;

    /// <summary>Channels of the vectors of tokens; 0 for as many as <see cref="DecoderConfig.HiddenSize"/>.</summary>
    public int EmbeddingSize { get; init; }

    /// <summary>Of the feed-forward part.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.Relu;

    /// <summary>Channels of the vectors of tokens in force.</summary>
    [JsonIgnore]
    internal int TokenChannels => EmbeddingSize > 0 ? EmbeddingSize : HiddenSize;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        RequireDivision();
        Check.NotNegative(EmbeddingSize, "model.embedding_size");
        if (NormEpsilon != 1e-5) throw new ConfigurationException($"model.norm_epsilon is {NormEpsilon}; an OPT has 1e-5 and no other.");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new OptModel(this, weights);
}
