using Stemma.Layers;

namespace Stemma.Models.Bloom;

/// <summary>Pre-norm blocks whose attention knows positions by a penalty for distance (ALiBi), behind a norm on the vectors of tokens. BigScience 2022, arXiv:2211.05100.</summary>
public sealed record BloomConfig : DecoderConfig
{
    /// <summary>A tied output.</summary>
    public BloomConfig() => TiesEmbeddings = true;

    /// <summary>Whether what parts add to comes from behind their norms.</summary>
    public bool NormResidual { get; init; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        RequireDivision();
        if (IntermediateSize != 0 && IntermediateSize != 4 * HiddenSize) throw new ConfigurationException($"model.intermediate_size is {IntermediateSize}; a BLOOM has four times model.hidden_size: 0 or {4 * HiddenSize}.");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new BloomModel(this, weights);
}
