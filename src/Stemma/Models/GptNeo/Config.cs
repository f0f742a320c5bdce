using System.Text.Json.Serialization;
using Stemma.Layers;

namespace Stemma.Models.GptNeo;

/// <summary>GPT-2's blocks of which some see a window alone, with unscaled scores. Black et al. 2021, "GPT-Neo".</summary>
public sealed record GptNeoConfig : DecoderConfig
{
    /// <summary>A tied output.</summary>
    public GptNeoConfig() => TiesEmbeddings = true;

    /// <summary>Positions that a query sees in a local block, itself included.</summary>
    public int Window { get; init; } = 256;

    /// <summary>global or local for each block, with commas between; begins anew where there are more blocks.</summary>
    public string AttentionPattern { get; init; } = "global,local";

    /// <summary>Of the feed-forward part.</summary>
    public ActivationKind Activation { get; init; } = ActivationKind.GeluTanh;

    /// <summary>Whether each block is local.</summary>
    [JsonIgnore]
    internal bool[] Local
    {
        get
        {
            var pattern = AttentionPattern.Split(',').Select(part => part.Trim() == "local").ToArray();
            return [.. Enumerable.Range(0, LayerCount).Select(layer => pattern[layer % pattern.Length])];
        }
    }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        RequireDivision();
        Check.Positive(Window, "model.window");
        if (AttentionPattern.Split(',').FirstOrDefault(part => part.Trim() is not ("global" or "local")) is { } other)
            throw new ConfigurationException($"model.attention_pattern holds \"{other}\"; it is a list of global and local with commas between.");
    }

    /// <inheritdoc/>
    public override NeuralLanguageModel Build(IWeights weights) => new GptNeoModel(this, weights);
}
