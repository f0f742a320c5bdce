using Stemma.Numerics;
using Stemma.Numerics.Autograd;

namespace Stemma.Layers;

/// <summary>
/// A block that normalises after each addition: x ← norm(x + part(x)) for attention to the text itself, in a decoder for attention to the
/// source, and for the feed-forward layer. Vaswani et al. 2017, arXiv:1706.03762, section 3.1.
/// </summary>
/// <param name="layer">The block's number.</param>
/// <param name="weights">Every weight of the parts: what is computed again where activations are not kept.</param>
public sealed class PostNormBlock(int layer, IReadOnlyList<Parameter> weights)
{
    private readonly Tensor[] _weights = [.. weights.Select(weight => weight.Value)];

    /// <summary>To the text itself.</summary>
    public required ProjectedAttention Attention { get; init; }

    /// <summary>After it.</summary>
    public required LayerNorm AttentionNorm { get; init; }

    /// <summary>To the source; none in an encoder.</summary>
    public ProjectedAttention? SourceAttention { get; init; }

    /// <summary>After it.</summary>
    public LayerNorm? SourceNorm { get; init; }

    /// <summary>Row by row.</summary>
    public required Mlp Mlp { get; init; }

    /// <summary>After it.</summary>
    public required LayerNorm MlpNorm { get; init; }

    /// <summary>[rows, hidden] to the same.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="pass">Layout, dropout, observer.</param>
    /// <param name="source">What a decoder's block reads of the sources.</param>
    public Tensor Forward(Tensor x, in Pass pass, SourceKeys? source = null)
    {
        if (!pass.Checkpointing || source is not null) return Compute(x, source, pass);
        var same = pass;
        return Checkpointing.Run(input => Compute(input, null, same), x, _weights);
    }

    private Tensor Compute(Tensor x, SourceKeys? source, in Pass pass)
    {
        using var scope = pass.Scope();
        x = pass.Observe(Site.ResidualPre, layer, x);
        x = AttentionNorm.ForResidual(Attention.AddTo(x, x, pass));
        if (SourceAttention is not null)
        {
            ArgumentNullException.ThrowIfNull(source);
            x = SourceNorm!.ForResidual(SourceAttention.AddTo(x, x, source, pass));
        }
        x = pass.Observe(Site.ResidualMid, layer, x);
        x = pass.Observe(Site.ResidualPost, layer, MlpNorm.ForResidual(Mlp.AddTo(x, x, pass)));
        return scope?.Keep(x) ?? x;
    }
}
