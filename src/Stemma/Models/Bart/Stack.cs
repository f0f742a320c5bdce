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
    private readonly Block[] _blocks;
    private readonly int _layers;
    private readonly bool _decodes;

    public BartStack(BartFamilyConfig config, IWeights weights, bool decodes)
    {
        (_config, _decodes, _layers) = (config, decodes, decodes ? config.DecoderLayerCount : config.LayerCount);
        _positions = new(weights["embed_positions"], config.ContextLength + FirstPosition, config.HiddenSize, Normal);
        _embeddingNorm = Norm(weights["layernorm_embedding"]);
        _blocks = [.. Enumerable.Range(0, _layers).Select(layer => Block.Build(weights, () => Build(weights["layers"][$"{layer}"], layer)))];
        _norm = config.NormsFirst ? Norm(weights["layer_norm"]) : null;
    }

    /// <summary>The blocks.</summary>
    public IReadOnlyList<Block> Blocks => _blocks;

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

    private Block Build(IWeights weights, int layer)
    {
        var (input, output) = Projections(weights["self_attn"]);
        var window = _decodes ? AttentionWindow.Causal : AttentionWindow.Full;
        var attention = new SelfAttention(input, output, new() { Window = window, WeightDropout = _config.AttentionDropout, OutputDropout = _config.Dropout }, layer);
        var attentionNorm = Norm(weights["self_attn_layer_norm"]);
        SourcePart? source = null;
        if (_decodes)
        {
            var (sourceInput, sourceOutput) = Projections(weights["encoder_attn"]);
            source = new(new(sourceInput, sourceOutput, _config.Dropout, _config.AttentionDropout, layer, _layers + layer), Norm(weights["encoder_attn_layer_norm"]));
        }
        var (size, inner) = (_config.HiddenSize, _decodes ? _config.DecoderIntermediateSize : _config.IntermediateSize);
        var feedForward = new DroppedMlp(null, weights.Linear("fc1", size, inner, Normal), ActivationName.Find(_config.Activation)!.Value.Function(), weights.Linear("fc2", inner, size, Normal), layer)
        {
            InnerDropout = _config.ActivationDropout,
            Dropout = _config.Dropout,
            Place = 2 * _layers + layer,
        };
        var norm = Norm(weights["final_layer_norm"]);
        return _config.NormsFirst ? new PreNormBlock(attentionNorm, attention, norm, feedForward, layer, source) : new PostNormBlock(attention, attentionNorm, feedForward, norm, layer, source);
    }

    private (SeparateProjections Input, Linear Output) Projections(IWeights weights)
    {
        var (size, heads) = (_config.HiddenSize, _decodes ? _config.DecoderHeadCount : _config.HeadCount);
        return (new(Linear("q_proj"), Linear("k_proj"), Linear("v_proj"), size / heads), Linear("out_proj"));

        Linear Linear(string name) => weights.Linear(name, size, size, Normal);
    }

    private LayerNorm Norm(IWeights weights) => new(weights, _config.HiddenSize, 1e-5);
}
