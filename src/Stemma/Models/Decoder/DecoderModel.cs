using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Models;

/// <summary>The parts of a decoder.</summary>
/// <param name="Input">From tokens to the residual stream.</param>
/// <param name="Blocks">What follows, one after the other.</param>
/// <param name="Norm">After the last block; null for none.</param>
/// <param name="Head">To the logits.</param>
/// <param name="AttentionSize">Heads times channels of a head: what attention's operations grow with.</param>
public sealed record DecoderParts(DecoderInput Input, IReadOnlyList<Block> Blocks, Norm? Norm, OutputHead Head, int AttentionSize)
{
    /// <summary>Weights that a token does not meet: experts that it is not sent to.</summary>
    public long IdleWeightCount { get; init; }

    /// <summary>What routers of experts add to the loss; null where there are none.</summary>
    public RouterLosses? RouterLosses { get; init; }
}

/// <summary>A language model of blocks that see what came before. A family is the assembly of its parts.</summary>
public abstract class DecoderModel : NeuralLanguageModel
{
    private readonly DecoderConfig _config;
    private readonly DecoderParts _parts;

    /// <summary>A model of parts.</summary>
    /// <param name="config">What it is built from.</param>
    /// <param name="parts">Built from it.</param>
    /// <param name="weights">Where the parts took their weights.</param>
    private protected DecoderModel(DecoderConfig config, DecoderParts parts, IWeights weights) => (_config, _parts, Parameters) = (config, parts, weights.All);

    /// <inheritdoc/>
    public override ModelConfig Config => _config;

    /// <inheritdoc/>
    public override int? LongestSequence => _parts.Input.Positions?.Count;

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    protected override long ActiveParameterCount =>
        Parameters.Sum(p => p.Shape.Count) - _parts.IdleWeightCount - (_parts.Input.Positions?.WeightCount ?? 0) - (_config.TiesEmbeddings ? 0 : _parts.Input.Tokens.Weight.Shape.Count);

    /// <inheritdoc/>
    /// <remarks>While a tape records, the losses of routers are added; blocks are then not computed again, for a routing must be counted once.</remarks>
    public override Tensor Loss(Tensor inputs, Tensor targets, in Pass pass, double? divisor = null)
    {
        var load = _parts.RouterLosses is { } losses && (Tape.IsRecording || losses.ReportsLoad) ? losses.Load : 0;
        var size = Tape.IsRecording ? _parts.RouterLosses?.Logit ?? 0 : 0;
        if (load == 0 && size == 0) return _parts.Head.Loss(Hidden(inputs, pass), targets, divisor);
        var balance = new ExpertBalance();
        var loss = _parts.Head.Loss(Hidden(inputs, pass with { Balance = balance, Checkpointing = false }), targets, divisor);
        if (load > 0) loss += balance.LoadLoss() * load;
        return size > 0 ? loss + balance.LogitLoss() * size : loss;
    }

    /// <inheritdoc/>
    public override ISequenceState Start() => new SequenceCache(_config.LayerCount, _config.ContextLength);

    /// <inheritdoc/>
    protected override double AttentionFlopsPerToken(int contextLength) => 12.0 * _parts.AttentionSize * _parts.Blocks.Sum(block => block.KeysPerQuery(contextLength));

    /// <inheritdoc/>
    protected override Tensor Hidden(Tensor inputs, in Pass pass)
    {
        var x = _parts.Input.Forward(inputs, _config.LayerCount, pass);
        foreach (var block in _parts.Blocks) x = block.Forward(x, pass);
        return _parts.Norm?.Forward(x) ?? x;
    }

    /// <inheritdoc/>
    protected override Tensor Project(Tensor hidden) => _parts.Head.Logits(hidden);

    /// <summary>Builds the blocks, each in a scope of its number.</summary>
    private protected static Block[] BuildBlocks(DecoderConfig config, IWeights weights, Func<int, IWeights, Block> build)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return [.. Enumerable.Range(0, config.LayerCount).Select(layer => Block.Build(weights, () => build(layer, weights[$"{layer}"])))];
    }

    /// <summary>The token embedding, or a projection of its own.</summary>
    /// <param name="config">Says which.</param>
    /// <param name="tokens">The token embedding.</param>
    /// <param name="scope">Of the projection's weights.</param>
    /// <param name="hasBias">Whether there is a bias, which is not tied.</param>
    private protected static LinearHead BuildHead(DecoderConfig config, Embedding tokens, IWeights scope, bool hasBias = false)
    {
        var weight = config.TiesEmbeddings ? tokens.Weight : scope.Tensor("weight", [config.VocabSize, config.HiddenSize], config.Normal);
        return new(weight, hasBias ? scope.Tensor("bias", [config.VocabSize], new Initializer.Constant(0)) : null);
    }

    /// <summary>A configuration that has been checked.</summary>
    private protected static T Checked<T>(T config) where T : DecoderConfig
    {
        config.Validate();
        return config;
    }
}
