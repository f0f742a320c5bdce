using Stemma.Layers;

namespace Stemma.Models.Mpt;

/// <summary>Pre-norm blocks without biases whose attention knows positions by a penalty for distance (ALiBi). MosaicML 2023, "Introducing MPT-7B".</summary>
public sealed record MptConfig : DecoderConfig
{
    /// <summary>A tied output.</summary>
    public MptConfig() => TiesEmbeddings = true;

    /// <summary>Bounds every number of queries, keys and values; 0 for no bound.</summary>
    public double Clip { get; init; }

    /// <summary>Multiplies the scores; 0 for 1/√channels of a head.</summary>
    public double ScoreScale { get; init; }

    /// <summary>The last head's penalty for a position of distance is 2 to minus this (<c>alibi_bias_max</c>): 8 in the paper, 16 in MPT-7B-StoryWriter.</summary>
    public double MaxBias { get; init; } = 8;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        RequireDivision();
        Check.NotNegative(Clip, "model.clip");
        Check.NotNegative(ScoreScale, "model.score_scale");
        Check.Positive(MaxBias, "model.max_bias");
        if (IntermediateSize != 0 && IntermediateSize != 4 * HiddenSize) throw new ConfigurationException($"model.intermediate_size is {IntermediateSize}; an MPT has four times model.hidden_size: 0 or {4 * HiddenSize}.");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new MptModel(this, weights);
}
