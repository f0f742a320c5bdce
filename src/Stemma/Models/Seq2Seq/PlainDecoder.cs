using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Seq2Seq;

/// <summary>The decoder of Sutskever et al. 2014, arXiv:1409.3215: what it knows of the source is the state it begins with.</summary>
internal sealed class PlainDecoder(Seq2SeqConfig config, IWeights weights) : Decoder(config, weights, config.EmbeddingSize)
{
    public override SourceMemory? Remember(Tensor rows, SequenceLayout layout) => null;

    private protected override Decoded Decode(Tensor vectors, in Pass pass, IReadOnlyList<Tensor> states, SourceMemory? memory)
    {
        var (output, after) = Run(vectors, pass, states);
        return new(output, after, null);
    }
}
