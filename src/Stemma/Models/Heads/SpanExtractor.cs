using Stemma.Layers;
using Stemma.Losses;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Heads;

/// <summary>Answers a question by a span of the text: where it begins and where it ends. Devlin et al. 2018, arXiv:1810.04805, section 4.2.</summary>
public sealed class SpanExtractor : EncoderTask
{
    private readonly Linear _output;

    /// <summary>Builds it.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public SpanExtractor(EncoderConfig config, IWeights weights) : base(config, weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _output = weights.Linear("qa_outputs", Config.HiddenSize, 2, Config.Normal);
    }

    internal override string ClassSuffix => "ForQuestionAnswering";

    /// <summary>[rows, 2]: how well the answer begins, and ends, at each token.</summary>
    /// <inheritdoc cref="IEncoder.Encode" path="/param"/>
    public Tensor Logits(Tensor tokens, Tensor? types, in Pass pass)
    {
        var x = Encoder.Encode(tokens, types, pass);
        return _output.Forward(pass.Drop(x, Config.AnswerHeadDropout, DropoutPlace.Of(Config.LayerCount, DropoutPlace.AttentionOutput)), DType.Float32);
    }

    /// <summary>The mean of the cross-entropies of beginning and end, in nats per text.</summary>
    /// <param name="tokens">int32 [rows].</param>
    /// <param name="types">int32 [rows], or null.</param>
    /// <param name="starts">Of each text's answer, counted in the text; <see cref="TensorOps.IgnoreIndex"/> does not count.</param>
    /// <param name="ends">Its last token, counted likewise.</param>
    /// <param name="pass">Layout, dropout.</param>
    public Tensor Loss(Tensor tokens, Tensor? types, ReadOnlySpan<int> starts, ReadOnlySpan<int> ends, in Pass pass)
    {
        var logits = Logits(tokens, types, pass);
        return (SpanCrossEntropy.Of(logits.Select(1, 0), pass.Layout, starts) + SpanCrossEntropy.Of(logits.Select(1, 1), pass.Layout, ends)) / 2;
    }
}
