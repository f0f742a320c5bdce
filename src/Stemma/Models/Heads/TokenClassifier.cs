using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Heads;

/// <summary>Gives each token one of several labels: parts of speech, entities. Devlin et al. 2018, arXiv:1810.04805, figure 4 (d).</summary>
public sealed class TokenClassifier : EncoderTask
{
    private readonly Linear _output;

    /// <summary>Builds it.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself, or there are fewer than two labels.</exception>
    public TokenClassifier(EncoderConfig config, IReadOnlyList<string> labels, IWeights weights) : base(config, weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Labels = LabelNames.Checked(labels);
        _output = weights.Linear("classifier", Config.HiddenSize, Labels.Count, Config.Normal);
    }

    /// <summary>The labels' names.</summary>
    public IReadOnlyList<string> Labels { get; }

    internal override string ClassSuffix => "ForTokenClassification";

    /// <summary>[rows, labels].</summary>
    /// <inheritdoc cref="IEncoder.Encode" path="/param"/>
    public Tensor Logits(Tensor tokens, Tensor? types, in Pass pass)
    {
        var x = Encoder.Encode(tokens, types, pass);
        return _output.Forward(pass.Drop(x, Config.TokenDropout, DropoutPlace.Of(Config.LayerCount, DropoutPlace.AttentionOutput)), DType.Float32);
    }

    /// <summary>The mean cross-entropy of the labels that count, in nats per token.</summary>
    /// <param name="tokens">int32 [rows].</param>
    /// <param name="types">int32 [rows], or null.</param>
    /// <param name="labels">int32 [rows]; <see cref="TensorOps.IgnoreIndex"/> does not count.</param>
    /// <param name="pass">Layout, dropout.</param>
    public Tensor Loss(Tensor tokens, Tensor? types, Tensor labels, in Pass pass) => Logits(tokens, types, pass).CrossEntropy(labels);
}
