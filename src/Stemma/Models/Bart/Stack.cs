using Stemma.Layers;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Bart;

/// <summary>The encoder or the decoder of a BART: learned positions, a norm over the embeddings, and blocks.</summary>
internal sealed class BartStack
{
    /// <summary>The first rows of the table of positions belong to none.</summary>
    public const int FirstPosition = 2;

    private readonly BartFamilyConfig _config;
    private readonly Embedding _positions;
    private readonly LayerNorm _embeddingNorm;
    private readonly LayerNorm? _norm;
    private readonly AttentionBlock[] _blocks;
    private readonly int _layers;
    private readonly bool _decodes;

    public BartStack(BartFamilyConfig config, IWeights weights, bool decodes)
    {
        (_config, _decodes, _layers) = (config, decodes, decodes ? config.DecoderLayerCount : config.LayerCount);
        _positions = new(weights["embed_positions"], config.ContextLength + FirstPosition, config.HiddenSize, Normal);
        _embeddingNorm = Norm(weights["layernorm_embedding"]);
        _blocks = [.. Enumerable.Range(0, _layers).Select(layer => Block(weights["layers"][$"{layer}"], layer))];
        _norm = config.NormsFirst ? Norm(weights["layer_norm"]) : null;
    }

    /// <summary>The blocks.</summary>
    public IReadOnlyList<AttentionBlock> Blocks => _blocks;

    private Initializer.Normal Normal => new(_config.InitializerRange);

    /// <summary>[rows, hidden] of tokens' vectors to [rows, hidden].</summary>
    public Tensor Forward(Tensor x, SourceKeys[]? sources, in Pass pass)
    {
        var positions = pass.Positions().ToArray();
        for (var row = 0; row < positions.Length; row++)
        {
            if (positions[row] >= _config.ContextLength) throw new ArgumentException($"Position {positions[row]} lies beyond this model's {_config.ContextLength} learned positions.", nameof(x));
            positions[row] += FirstPosition;
        }
        x = _embeddingNorm.ForResidual(x + _positions.Forward(Tensor.From(positions, [positions.Length], x.Device)));
        x = pass.Drop(x, _config.Dropout, DropoutPlace.Of(3 * _layers, DropoutPlace.Embedding));
        for (var layer = 0; layer < _layers; layer++) x = _blocks[layer].Forward(x, pass, sources?[layer]);
        return _norm?.Forward(x) ?? x;
    }

    private AttentionBlock Block(IWeights weights, int layer)
    {
        var first = weights.All.Count;
        var attention = Attention(weights["self_attn"], layer, layer);
        var attentionNorm = Norm(weights["self_attn_layer_norm"]);
        var source = _decodes ? Attention(weights["encoder_attn"], layer, _layers + layer) : null;
        var sourceNorm = _decodes ? Norm(weights["encoder_attn_layer_norm"]) : null;
        var (size, inner) = (_config.HiddenSize, _decodes ? _config.DecoderIntermediateSize : _config.IntermediateSize);
        var feedForward = new DroppedMlp(null, weights.Linear("fc1", size, inner, Normal), ActivationName.Find(_config.Activation)!.Value.Function(), weights.Linear("fc2", inner, size, Normal), layer)
        {
            InnerDropout = _config.ActivationDropout,
            Dropout = _config.Dropout,
            Place = 2 * _layers + layer,
        };
        var norm = Norm(weights["final_layer_norm"]);
        Parameter[] all = [.. weights.All.Skip(first)];
        return _config.NormsFirst
            ? new PreNormBlock(layer, all) { Attention = attention, AttentionNorm = attentionNorm, SourceAttention = source, SourceNorm = sourceNorm, FeedForward = feedForward, FeedForwardNorm = norm }
            : new PostNormBlock(layer, all) { Attention = attention, AttentionNorm = attentionNorm, SourceAttention = source, SourceNorm = sourceNorm, FeedForward = feedForward, FeedForwardNorm = norm };
    }

    private ProjectedAttention Attention(IWeights weights, int layer, int place)
    {
        var size = _config.HiddenSize;
        return new(
            weights.Linear("q_proj", size, size, Normal), weights.Linear("k_proj", size, size, Normal), weights.Linear("v_proj", size, size, Normal), weights.Linear("out_proj", size, size, Normal),
            _decodes ? _config.DecoderHeadCount : _config.HeadCount, layer)
        {
            Window = _decodes ? AttentionWindow.Causal : AttentionWindow.Full,
            Dropout = _config.Dropout,
            WeightDropout = _config.AttentionDropout,
            Place = place,
        };
    }

    private LayerNorm Norm(IWeights weights) => new(weights, _config.HiddenSize, 1e-5);
}
