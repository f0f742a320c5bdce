using Stemma.Layers;
using Stemma.Losses;
using Stemma.Models.Electra;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Heads;

/// <summary>Tells which tokens of a text were replaced: ELECTRA's discriminator. Clark et al. 2020, arXiv:2003.10555, section 2.</summary>
public sealed class ReplacedTokenDetector : EncoderTask
{
    private readonly Linear _dense, _output;

    /// <summary>Builds it.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public ReplacedTokenDetector(ElectraConfig config, IWeights weights) : base(config, weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var scope = weights["discriminator_predictions"];
        _dense = scope.Linear("dense", Config.HiddenSize, Config.HiddenSize, Config.Normal);
        _output = scope.Linear("dense_prediction", Config.HiddenSize, 1, Config.Normal);
    }

    internal override string ClassSuffix => "ForPreTraining";

    /// <summary>[rows]: positive where a token looks replaced.</summary>
    /// <inheritdoc cref="IEncoder.Encode" path="/param"/>
    public Tensor Logits(Tensor tokens, Tensor? types, in Pass pass)
    {
        var x = Config.Function.Apply(_dense.Forward(Encoder.Encode(tokens, types, pass)));
        return _output.Forward(x, DType.Float32).Select(1, 0);
    }

    /// <summary>The mean binary cross-entropy over tokens, in nats.</summary>
    /// <param name="tokens">int32 [rows].</param>
    /// <param name="types">int32 [rows], or null.</param>
    /// <param name="replaced">1 where the token is not the text's own, 0 where it is; another number does not count.</param>
    /// <param name="pass">Layout, dropout.</param>
    public Tensor Loss(Tensor tokens, Tensor? types, ReadOnlySpan<int> replaced, in Pass pass) => BinaryCrossEntropy.Of(Logits(tokens, types, pass), replaced);
}
