using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Seq2Seq;

/// <summary>Reads a source from either end: what stands at each place, and what all of it comes to.</summary>
internal sealed class Encoder
{
    private readonly Seq2SeqConfig _config;
    private readonly Embedding _tokens;
    private readonly Bidirectional[] _layers;

    public Encoder(Seq2SeqConfig config, IWeights weights)
    {
        _config = config;
        _tokens = new(weights["tokens"], config.SourceVocabSize, config.EmbeddingSize, new Initializer.Uniform(0.1));
        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => new Bidirectional(Reader(layer, "forward"), Reader(layer, "backward")))];

        RecurrentNetwork Reader(int layer, string direction) =>
            config.Cell.Build(weights[direction][$"{layer}"], layer == 0 ? config.EmbeddingSize : config.HiddenSize, config.HiddenSize / 2, 1);
    }

    /// <summary>Reads sources.</summary>
    /// <param name="ids">int32 [rows].</param>
    /// <param name="pass">Where each begins and ends; dropout.</param>
    /// <returns>What stands at each place [rows, hidden]; and of each source the last state from the left beside the last from the right [sequences, hidden].</returns>
    public (Tensor Rows, Tensor Summary) Forward(Tensor ids, in Pass pass)
    {
        var x = pass.Drop(_tokens.Forward(ids), _config.Dropout, Places.SourceTokens);
        foreach (var (layer, network) in _layers.Index())
        {
            if (layer > 0) x = pass.Drop(x, _config.Dropout, Places.EncoderLayer + (ulong)layer);
            x = network.Forward(x, pass);
        }
        var offsets = pass.Layout.QueryOffsets;
        var (first, last) = (offsets[..^1].ToArray(), new int[pass.Layout.Count]);
        for (var s = 0; s < last.Length; s++) last[s] = offsets[s + 1] - 1;
        var half = _config.HiddenSize / 2;
        var summary = TensorOps.Concatenate(1, TimeSteps.Rows(x, last).Slice(1, 0, half), TimeSteps.Rows(x, first).Slice(1, half, half));
        return (x, summary);
    }
}
