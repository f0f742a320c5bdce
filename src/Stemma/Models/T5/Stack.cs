using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Models.T5;

/// <summary>The encoder or the decoder of a T5: its blocks, the bias by distance that all of them share, and the norm at the end.</summary>
internal sealed class T5Stack
{
    private readonly T5Config _config;
    private readonly PreNormBlock[] _blocks;
    private readonly BucketBias _bias;
    private readonly RmsNorm _norm;
    private readonly int _layers;

    public T5Stack(T5Config config, IWeights weights, bool decodes)
    {
        (_config, _layers) = (config, decodes ? config.DecoderLayerCount : config.LayerCount);
        // The table stands in the first block and serves all.
        var table = weights["block"]["0"]["layer"]["0"]["SelfAttention"]["relative_attention_bias"].Tensor("weight", [config.BucketCount, config.HeadCount], Normal(config.HiddenSize));
        _bias = new(table, config.MaxDistance, bidirectional: !decodes);
        _blocks = [.. Enumerable.Range(0, _layers).Select(layer => Block(weights["block"][$"{layer}"]["layer"], layer, decodes))];
        _norm = Norm(weights["final_layer_norm"]);
    }

    /// <summary>The blocks.</summary>
    public IReadOnlyList<PreNormBlock> Blocks => _blocks;

    /// <summary>[rows, hidden] of embeddings to [rows, hidden].</summary>
    public Tensor Forward(Tensor x, SourceKeys[]? sources, in Pass pass)
    {
        x = pass.Drop(x, _config.Dropout, DropoutPlace.Of(3 * _layers, DropoutPlace.Embedding));
        var length = 1;
        foreach (var position in pass.Positions()) length = Math.Max(length, position + 1);
        var scores = new Numerics.Ops.ScoreDescription { Bias = _bias.Forward(length, x.Device) };
        for (var layer = 0; layer < _layers; layer++) x = _blocks[layer].Forward(x, pass, sources?[layer], scores);
        return pass.Drop(_norm.Forward(x), _config.Dropout, DropoutPlace.Of(3 * _layers, DropoutPlace.MlpOutput));
    }

    private PreNormBlock Block(IWeights weights, int layer, bool decodes)
    {
        var first = weights.All.Count;
        var attention = Attention(weights["0"]["SelfAttention"], layer, layer, decodes);
        var attentionNorm = Norm(weights["0"]["layer_norm"]);
        var source = decodes ? Attention(weights["1"]["EncDecAttention"], layer, _layers + layer, decodes: false) : null;
        var sourceNorm = decodes ? Norm(weights["1"]["layer_norm"]) : null;
        var last = weights[decodes ? "2" : "1"];
        var dense = last["DenseReluDense"];
        var gate = _config.IsGated ? Linear(dense, "wi_0", _config.HiddenSize, _config.IntermediateSize, _config.HiddenSize) : null;
        var expand = Linear(dense, _config.IsGated ? "wi_1" : "wi", _config.HiddenSize, _config.IntermediateSize, _config.HiddenSize);
        var contract = Linear(dense, "wo", _config.IntermediateSize, _config.HiddenSize, _config.IntermediateSize);
        var feedForward = new DroppedMlp(gate, expand, _config.Activation, contract, layer) { InnerDropout = _config.Dropout, Dropout = _config.Dropout, Place = 2 * _layers + layer };
        var norm = Norm(last["layer_norm"]);
        return new(layer, [.. weights.All.Skip(first)])
        {
            Attention = attention,
            AttentionNorm = attentionNorm,
            SourceAttention = source,
            SourceNorm = sourceNorm,
            FeedForward = feedForward,
            FeedForwardNorm = norm,
        };
    }

    // Scores are not divided by the root of the size; the queries' initial weights are smaller instead.
    private ProjectedAttention Attention(IWeights weights, int layer, int place, bool decodes)
    {
        var (hidden, size) = (_config.HiddenSize, _config.HeadCount * _config.HeadSize);
        return new(Linear(weights, "q", hidden, size, hidden * _config.HeadSize), Linear(weights, "k", hidden, size, hidden), Linear(weights, "v", hidden, size, hidden), Linear(weights, "o", size, hidden, size), _config.HeadCount, layer)
        {
            Scale = 1,
            Window = decodes ? Numerics.Ops.AttentionWindow.Causal : Numerics.Ops.AttentionWindow.Full,
            Dropout = _config.Dropout,
            WeightDropout = _config.Dropout,
            Place = place,
        };
    }

    private Linear Linear(IWeights weights, string name, int input, int output, int spread) => weights.Linear(name, input, output, Normal(spread), hasBias: false);

    private Initializer.Normal Normal(int size) => new(_config.InitializerFactor / Math.Sqrt(size));

    private RmsNorm Norm(IWeights weights) => new(weights, _config.HiddenSize, _config.NormEpsilon);
}
