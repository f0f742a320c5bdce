using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>A block of an encoder, or of a decoder that reads a source: attention to the text itself, to the source, and a feed-forward layer, each added to the stream. Where it normalises, its kind decides.</summary>
/// <param name="layer">The block's number.</param>
/// <param name="weights">Every weight of the parts: what is computed again where activations are not kept.</param>
public abstract class AttentionBlock(int layer, IReadOnlyList<Parameter> weights)
{
    private readonly Tensor[] _weights = [.. weights.Select(weight => weight.Value)];

    /// <summary>To the text itself.</summary>
    public required ProjectedAttention Attention { get; init; }

    /// <summary>To the source; none in an encoder.</summary>
    public ProjectedAttention? SourceAttention { get; init; }

    /// <summary>Row by row.</summary>
    public required FeedForward FeedForward { get; init; }

    /// <summary>[rows, hidden] to the same.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="pass">Layout, cache, dropout, observer.</param>
    /// <param name="source">What a decoder's block reads of the sources.</param>
    /// <param name="scores">What happens to the scores of attention to the text itself.</param>
    public Tensor Forward(Tensor x, in Pass pass, SourceKeys? source = null, ScoreDescription? scores = null)
    {
        if (SourceAttention is not null) ArgumentNullException.ThrowIfNull(source);
        if (!pass.Checkpointing || source is not null || scores is not null) return Scoped(x, source, scores, pass);
        var same = pass;
        return Checkpointing.Run(input => Scoped(input, null, null, same), x, _weights);
    }

    /// <summary>What the block computes.</summary>
    protected abstract Tensor Compute(Tensor x, SourceKeys? source, ScoreDescription? scores, in Pass pass);

    private Tensor Scoped(Tensor x, SourceKeys? source, ScoreDescription? scores, in Pass pass)
    {
        using var scope = pass.Scope();
        x = pass.Observe(Site.ResidualPost, layer, Compute(pass.Observe(Site.ResidualPre, layer, x), source, scores, pass));
        return scope?.Keep(x) ?? x;
    }
}
