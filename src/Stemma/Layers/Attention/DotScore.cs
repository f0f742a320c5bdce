using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>q·k: query and key live in one space. Luong et al. 2015, arXiv:1508.04025, equation 8, "dot".</summary>
public sealed class DotScore : AttentionScore
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor queries, Tensor keys) => queries.MatMul(keys.Transposed);
}

/// <summary><see cref="DotScore"/>.</summary>
public sealed record DotScoreConfig : AttentionScoreConfig
{
    /// <inheritdoc/>
    public override AttentionScore Build(IWeights weights, int querySize, int keySize)
    {
        RequireOneSpace("dot", querySize, keySize);
        return new DotScore();
    }

    internal static void RequireOneSpace(string kind, int querySize, int keySize)
    {
        if (querySize != keySize) throw new ConfigurationException($"The score {kind} multiplies queries of {querySize} numbers with keys of {keySize}; both must have as many. Choose the score general, or other sizes.");
    }
}
