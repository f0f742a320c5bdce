using Stemma.Layers;
using Stemma.Losses;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Heads;

/// <summary>One vector for a text. Reimers &amp; Gurevych 2019 (SBERT), arXiv:1908.10084, section 3.</summary>
/// <param name="encoder">Reads the texts.</param>
/// <param name="pooling">How a text's rows become one.</param>
public sealed class SentenceEmbedder(IEncoder encoder, Pooling pooling)
{
    /// <summary>[texts, hidden].</summary>
    /// <inheritdoc cref="IEncoder.Encode" path="/param"/>
    public Tensor Embed(Tensor tokens, Tensor? types, in Pass pass) => pooling.Pool(encoder.Encode(tokens, types, pass), pass.Layout);

    /// <summary>The contrastive loss of two readings of the same texts, or of texts that belong together; in nats per text.</summary>
    /// <param name="anchors">From <see cref="Embed"/>.</param>
    /// <param name="partners">Row i belongs to row i.</param>
    /// <param name="temperature">Positive.</param>
    public static Tensor Loss(Tensor anchors, Tensor partners, double temperature = 0.05) => InfoNce.Of(anchors, partners, temperature);
}

/// <summary>How a text's rows become one.</summary>
public abstract record Pooling
{
    /// <summary>[rows, hidden] to [texts, hidden].</summary>
    public abstract Tensor Pool(Tensor rows, SequenceLayout layout);
}

/// <summary>The row of the first token.</summary>
public sealed record FirstPooling : Pooling
{
    /// <inheritdoc/>
    public override Tensor Pool(Tensor rows, SequenceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(layout);
        var first = layout.QueryOffsets[..^1];
        return rows.Gather(Tensor.From(first, [first.Length], rows.Device));
    }
}

/// <summary>The mean of all rows.</summary>
public sealed record MeanPooling : Pooling
{
    /// <inheritdoc/>
    public override Tensor Pool(Tensor rows, SequenceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(layout);
        var (texts, shares) = (new int[layout.QueryCount], new float[layout.Count]);
        for (var s = 0; s < layout.Count; s++)
        {
            texts.AsSpan(layout.QueryOffsets[s]..layout.QueryOffsets[s + 1]).Fill(s);
            shares[s] = 1f / (layout.QueryOffsets[s + 1] - layout.QueryOffsets[s]);
        }
        return rows.Scatter(Tensor.From(texts, [texts.Length], rows.Device), layout.Count) * Tensor.From(shares, [layout.Count, 1], rows.Device).Cast(rows.DType);
    }
}
