using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Heads;

/// <summary>An encoder and what a task puts on it.</summary>
public abstract class EncoderTask
{
    private protected EncoderTask(EncoderConfig config, IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        Encoder = config.Build(weights);
        Parameters = weights.All;
    }

    /// <summary>What reads the texts.</summary>
    public EncoderModel Encoder { get; }

    /// <summary>What the encoder was built from.</summary>
    public EncoderConfig Config => Encoder.Config;

    /// <summary>All weights, the head's included.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Where the weights are.</summary>
    public Device Device => Encoder.Device;

    /// <summary>Hugging Face's class of this family and task, such as <c>BertForMaskedLM</c>.</summary>
    public string ClassName => Config.ClassName + ClassSuffix;

    /// <summary>The end of Hugging Face's class name of this task.</summary>
    internal abstract string ClassSuffix { get; }

    /// <summary>The first row of each text.</summary>
    private protected static Tensor First(Tensor hidden, SequenceLayout layout)
    {
        var first = layout.QueryOffsets[..^1];
        return hidden.Gather(Tensor.From(first, [first.Length], hidden.Device));
    }
}
