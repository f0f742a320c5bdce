using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models;

/// <summary>From tokens to the residual stream: their vectors, scaled, projected, with positions added, normalised, dropped.</summary>
/// <param name="tokens">The vectors of tokens.</param>
public sealed class DecoderInput(Embedding tokens)
{
    /// <summary>The vectors of tokens.</summary>
    public Embedding Tokens { get; } = tokens;

    /// <summary>Multiplies the vectors: √hidden in Gemma.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>From the vectors' size to the residual stream's, where they differ.</summary>
    public Linear? Projection { get; init; }

    /// <summary>Positions that are added; null where attention knows them.</summary>
    public PositionEmbedding? Positions { get; init; }

    /// <summary>Normalises the sum (BLOOM).</summary>
    public Norm? Norm { get; init; }

    /// <summary>Probability with which a number is dropped while training.</summary>
    public double Dropout { get; init; }

    /// <summary>int32 [rows] to [rows, hidden].</summary>
    internal Tensor Forward(Tensor ids, int layerCount, in Pass pass)
    {
        using var scope = Memory.Scope();
        var x = Tokens.Forward(ids);
        if (Scale != 1) x *= (float)Scale;
        if (Projection is not null) x = Projection.Forward(x, DType.Float32);
        if (Positions is not null) x += Positions.Forward(pass.Positions(), ids.Device);
        if (Norm is not null) x = Norm.Forward(x).Cast(DType.Float32);
        return scope.Keep(pass.Drop(x, Dropout, DropoutPlace.Of(layerCount, DropoutPlace.Embedding)));
    }
}
