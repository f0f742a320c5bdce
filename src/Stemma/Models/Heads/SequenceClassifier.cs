using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Heads;

/// <summary>Gives a text one of several labels. Devlin et al. 2018, arXiv:1810.04805, figure 4 (a) and (b).</summary>
public sealed class SequenceClassifier : EncoderTask
{
    private readonly SentenceHead _head;

    /// <summary>Builds it.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself, or there are fewer than two labels.</exception>
    public SequenceClassifier(EncoderConfig config, IReadOnlyList<string> labels, IWeights weights) : base(config, weights)
    {
        Labels = LabelNames.Checked(labels);
        _head = config.BuildSentenceHead(weights, Labels.Count);
    }

    /// <summary>The labels' names.</summary>
    public IReadOnlyList<string> Labels { get; }

    internal override string ClassSuffix => "ForSequenceClassification";

    /// <summary>[texts, labels].</summary>
    /// <inheritdoc cref="IEncoder.Encode" path="/param"/>
    public Tensor Logits(Tensor tokens, Tensor? types, in Pass pass) => _head.Logits(First(Encoder.Encode(tokens, types, pass), pass.Layout), pass, Config.LayerCount);

    /// <summary>The mean cross-entropy of the labels, in nats per text.</summary>
    /// <param name="tokens">int32 [rows].</param>
    /// <param name="types">int32 [rows], or null.</param>
    /// <param name="labels">int32 [texts].</param>
    /// <param name="pass">Layout, dropout.</param>
    public Tensor Loss(Tensor tokens, Tensor? types, Tensor labels, in Pass pass) => Logits(tokens, types, pass).CrossEntropy(labels);
}
