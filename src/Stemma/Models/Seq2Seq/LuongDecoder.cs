using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Seq2Seq;

/// <summary>
/// h̃ = tanh(W·[c; h]), where h looks at the source and reads c. Luong et al. 2015, arXiv:1508.04025, equation 5. Since h does not
/// depend on c, all steps of all targets are one recurrence, and all that comes after it is products over all rows.
/// </summary>
internal sealed class LuongDecoder(Seq2SeqConfig config, AttentionScoreConfig score, IWeights weights) : Decoder(config, weights, config.EmbeddingSize)
{
    private readonly AttentionScore _score = score.Build(weights["score"], config.HiddenSize, config.HiddenSize);
    private readonly Linear _combine = weights.Linear("combine", 2 * config.HiddenSize, config.HiddenSize, new Initializer.Xavier());

    public override SourceMemory Remember(Tensor rows, SequenceLayout layout) => new(rows, layout, _score);

    private protected override Decoded Decode(Tensor vectors, in Pass pass, IReadOnlyList<Tensor> states, SourceMemory? memory)
    {
        var (hidden, after) = Run(vectors, pass, states);
        var (context, looked) = memory!.Read(hidden, pass.Layout);
        return new(_combine.Forward(TensorOps.Concatenate(1, context, hidden)).Tanh(), after, looked);
    }
}
