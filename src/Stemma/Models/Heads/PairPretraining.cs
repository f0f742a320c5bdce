using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Heads;

/// <summary>Predicts masked tokens, and whether the second part of a text followed the first (BERT, arXiv:1810.04805, section 3.1) or the two were swapped (ALBERT, arXiv:1909.11942, section 3.1).</summary>
public sealed class PairPretraining : EncoderTask
{
    private readonly MaskedHead _masked;
    private readonly SentenceHead _pair;

    /// <summary>Builds it.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself, or its family has no head for pairs.</exception>
    public PairPretraining(EncoderConfig config, IWeights weights) : base(config, weights) => (_masked, _pair) = (config.BuildMaskedHead(Encoder, weights), config.BuildPairHead(weights));

    internal override string ClassSuffix => "ForPreTraining";

    /// <summary>The logits of tokens [rows, vocabulary], and of pairs [texts, 2]: 0 says that they belong together in this order.</summary>
    /// <inheritdoc cref="IEncoder.Encode" path="/param"/>
    public (Tensor Tokens, Tensor Pairs) Logits(Tensor tokens, Tensor? types, in Pass pass)
    {
        var hidden = Encoder.Encode(tokens, types, pass);
        return (_masked.Logits(hidden), _pair.Logits(First(hidden, pass.Layout), pass, Config.LayerCount));
    }

    /// <summary>The sum of both mean cross-entropies, in nats.</summary>
    /// <param name="tokens">int32 [rows].</param>
    /// <param name="types">int32 [rows], or null.</param>
    /// <param name="targets">int32 [rows]; <see cref="TensorOps.IgnoreIndex"/> where nothing is to be predicted.</param>
    /// <param name="pairs">int32 [texts]: 0 where the parts belong together in this order, otherwise 1.</param>
    /// <param name="pass">Layout, dropout.</param>
    public Tensor Loss(Tensor tokens, Tensor? types, Tensor targets, Tensor pairs, in Pass pass)
    {
        var hidden = Encoder.Encode(tokens, types, pass);
        return MaskedLanguageModel.Loss(_masked, hidden, targets, null) + _pair.Logits(First(hidden, pass.Layout), pass, Config.LayerCount).CrossEntropy(pairs);
    }
}
