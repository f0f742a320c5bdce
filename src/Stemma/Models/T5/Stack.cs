using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.T5;

/// <summary>The encoder or the decoder of a T5: its blocks, the bias by distance that all of them share, and the norm at the end.</summary>
internal sealed class T5Stack
{
    private readonly T5Config _config;
    private readonly Block[] _blocks;
    private readonly BucketBias _bias;
    private readonly RmsNorm _norm;
    private readonly int _layers;

    public T5Stack(T5Config config, IWeights weights, bool decodes)
    {
        (_config, _layers) = (config, decodes ? config.DecoderLayerCount : config.LayerCount);
        // The table stands in the first block and serves all.
        var table = weights["block"]["0"]["layer"]["0"]["SelfAttention"]["relative_attention_bias"].Tensor("weight", [config.BucketCount, config.HeadCount], Normal(config.HiddenSize));
        _bias = new(table, config.MaxDistance, bidirectional: !decodes);
        _blocks = [.. Enumerable.Range(0, _layers).Select(layer => Block.Build(weights, () => Build(weights["block"][$"{layer}"]["layer"], layer, decodes)))];
        _norm = Norm(weights["final_layer_norm"]);
    }

    /// <summary>The blocks.</summary>
    public IReadOnlyList<Block> Blocks => _blocks;

    /// <summary>[rows, hidden] of embeddings to [rows, hidden].</summary>
    public Tensor Forward(Tensor x, SourceKeys[]? sources, in Pass pass)
    {
        x = pass.Drop(x, _config.Dropout, DropoutPlace.Of(3 * _layers, DropoutPlace.Embedding));
        var bias = _bias.Forward(pass.Longest(), x.Device);
        for (var layer = 0; layer < _layers; layer++) x = _blocks[layer].Forward(x, pass, sources?[layer], bias);
        return pass.Drop(_norm.Forward(x), _config.Dropout, DropoutPlace.Of(3 * _layers, DropoutPlace.MlpOutput));
    }

    private PreNormBlock Build(IWeights weights, int layer, bool decodes)
    {
        // Scores are not divided by the root of the size; the queries' initial weights are smaller instead.
        const double Scale = 1;
        var (input, output) = Projections(weights["0"]["SelfAttention"]);
        var window = decodes ? AttentionWindow.Causal : AttentionWindow.Full;
        var attention = new SelfAttention(input, output, new() { Scale = Scale, Window = window, WeightDropout = _config.Dropout, OutputDropout = _config.Dropout }, layer);
        var attentionNorm = Norm(weights["0"]["layer_norm"]);
        SourcePart? source = null;
        if (decodes)
        {
            var (sourceInput, sourceOutput) = Projections(weights["1"]["EncDecAttention"]);
            source = new(new(sourceInput, sourceOutput, _config.Dropout, _config.Dropout, layer, _layers + layer, Scale), Norm(weights["1"]["layer_norm"]));
        }
        var last = weights[decodes ? "2" : "1"];
        var dense = last["DenseReluDense"];
        var gate = _config.IsGated ? Linear(dense, "wi_0", _config.HiddenSize, _config.IntermediateSize, _config.HiddenSize) : null;
        var expand = Linear(dense, _config.IsGated ? "wi_1" : "wi", _config.HiddenSize, _config.IntermediateSize, _config.HiddenSize);
        var contract = Linear(dense, "wo", _config.IntermediateSize, _config.HiddenSize, _config.IntermediateSize);
        var feedForward = new DroppedMlp(gate, expand, _config.Activation, contract, layer) { InnerDropout = _config.Dropout, Dropout = _config.Dropout, Place = 2 * _layers + layer };
        var norm = Norm(last["layer_norm"]);
        return new(attentionNorm, attention, norm, feedForward, layer, source);
    }

    private (SeparateProjections Input, Linear Output) Projections(IWeights weights)
    {
        var (hidden, size) = (_config.HiddenSize, _config.HeadCount * _config.HeadSize);
        return (
            new(Linear(weights, "q", hidden, size, hidden * _config.HeadSize), Linear(weights, "k", hidden, size, hidden), Linear(weights, "v", hidden, size, hidden), _config.HeadSize),
            Linear(weights, "o", size, hidden, size));
    }

    private Linear Linear(IWeights weights, string name, int input, int output, int spread) => weights.Linear(name, input, output, Normal(spread), hasBias: false);

    private Initializer.Normal Normal(int size) => new(_config.InitializerFactor / Math.Sqrt(size));

    private RmsNorm Norm(IWeights weights) => new(weights, _config.HiddenSize, _config.NormEpsilon);
}
