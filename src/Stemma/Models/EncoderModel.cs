using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Models;

/// <summary>An encoder of blocks that normalise after each addition: what BERT and its relatives have in common. A family's <c>Model.cs</c> assembles it, under its own names.</summary>
public sealed class EncoderModel : IEncoder
{
    private readonly EncoderEmbeddings _embeddings;
    private readonly Linear? _projection;
    private readonly IReadOnlyList<Block> _blocks;

    /// <param name="config">What it is built from.</param>
    /// <param name="embeddings">The first.</param>
    /// <param name="projection">From the embeddings' size to the blocks'; none where they are the same.</param>
    /// <param name="blocks">One for each layer; one may serve several.</param>
    /// <param name="parameters">All weights of the encoder.</param>
    internal EncoderModel(EncoderConfig config, EncoderEmbeddings embeddings, Linear? projection, IReadOnlyList<Block> blocks, IReadOnlyList<Parameter> parameters) =>
        (Config, _embeddings, _projection, _blocks, Parameters) = (config, embeddings, projection, blocks, parameters);

    /// <summary>What it was built from.</summary>
    public EncoderConfig Config { get; }

    /// <summary>The encoder's own weights, its heads' left out.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public int VocabSize => Config.VocabSize;

    /// <inheritdoc/>
    public int? ContextLength => Config.ContextLength;

    /// <inheritdoc/>
    public int HiddenSize => Config.HiddenSize;

    /// <summary>Where the weights are.</summary>
    public Device Device => Parameters[0].Value.Device;

    /// <summary>The tokens' vectors, [vocabulary, size].</summary>
    internal Parameter TokenVectors => _embeddings.Tokens;

    /// <inheritdoc/>
    public Tensor Encode(Tensor tokens, Tensor? types, in Pass pass)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var x = _embeddings.Forward(tokens, types, pass);
        if (_projection is not null) x = _projection.Forward(x);
        // A block that serves several layers drops something else in each.
        for (var layer = 0; layer < _blocks.Count; layer++) x = _blocks[layer].Forward(x, pass with { Dropout = pass.Dropout?.Fork((ulong)layer) });
        return x;
    }

    /// <summary>Floating-point operations of one training step (forward and backward) over so many tokens, attention's scores and the heads left out.</summary>
    public double TrainingFlops(long tokens)
    {
        var matrices = Parameters.Where(weight => weight.Shape.Rank == 2 && !weight.Name.Contains("embeddings.", StringComparison.Ordinal)).ToArray();
        // Shared blocks multiply as often as they are used.
        var uses = (double)_blocks.Count / _blocks.Distinct().Count();
        return 6 * uses * matrices.Sum(weight => weight.Shape.Count) * tokens;
    }
}
