using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.TextCnn;

/// <summary>
/// A sentence's class by one layer of convolutions over its words' vectors, the largest of each feature over all places, and a linear
/// layer. Kim 2014, "Convolutional neural networks for sentence classification", arXiv:1408.5882.
/// </summary>
/// <remarks>A sentence stands between as many zeros as its widest window reaches out, whatever sentences are beside it.</remarks>
public sealed class TextCnnModel
{
    private readonly TextCnnConfig _config;
    private readonly Embedding _words;
    private readonly (Parameter Weight, Parameter Bias)[] _convolutions;

    /// <summary>Builds the model.</summary>
    public TextCnnModel(TextCnnConfig config, IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        _config = config;
        _words = new(weights["words"], config.VocabSize, config.EmbeddingSize, new Initializer.Uniform(0.25));
        _convolutions = [.. config.Widths.Select(width => (
            weights[$"convolution.{width}"].Tensor("weight", [config.FeatureCount, config.EmbeddingSize, width], new Initializer.Uniform(Math.Sqrt(6.0 / (width * (config.EmbeddingSize + config.FeatureCount))))),
            weights[$"convolution.{width}"].Tensor("bias", [config.FeatureCount], new Initializer.Constant(0))))];
        var features = config.Widths.Count * config.FeatureCount;
        Output = (DenseLinear)weights.Linear("output", features, config.ClassCount, new Initializer.Uniform(Math.Sqrt(6.0 / (features + config.ClassCount))));
        Parameters = weights.All;
    }

    /// <summary>All weights.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>From features to classes.</summary>
    public DenseLinear Output { get; }

    /// <summary>The logits of each sentence's classes.</summary>
    /// <param name="sentences">Words of each, at least one.</param>
    /// <param name="dropout">Draws what is dropped; null outside training.</param>
    /// <returns>[sentences, classes].</returns>
    public Tensor Logits(IReadOnlyList<int[]> sentences, RandomStream? dropout = null)
    {
        ArgumentNullException.ThrowIfNull(sentences);
        var device = Parameters[0].Value.Device;
        var reach = _config.Widths.Max() - 1;
        // One long row of words, zeros between the sentences: no window sees two of them.
        var padded = sentences.SelectMany(sentence => (int[])[.. Enumerable.Repeat(-1, reach), .. sentence]).Concat(Enumerable.Repeat(-1, reach)).ToArray();
        var zero = _config.VocabSize;
        var table = _words.Weight.Value.Pad(0, 0, zero + 1);
        var x = table.Gather(Tensor.From(Array.ConvertAll(padded, word => word < 0 ? zero : word), [1, padded.Length], device));
        var pooled = new Tensor[_convolutions.Length];
        for (var c = 0; c < pooled.Length; c++)
        {
            var (weight, bias) = _convolutions[c];
            var features = x.Convolution1D(weight, bias.Value).Relu().Reshape(padded.Length - weight.Shape[2] + 1, _config.FeatureCount);
            pooled[c] = OwnWindows(features, sentences, reach, weight.Shape[2]);
        }
        var all = TensorOps.Concatenate(1, pooled);
        if (dropout is { } stream && _config.Dropout > 0) all = all.Dropout(_config.Dropout, stream);
        return Output.Forward(all);
    }

    // The windows that hold a word of a sentence; those between hold none.
    private static Tensor OwnWindows(Tensor features, IReadOnlyList<int[]> sentences, int reach, int width)
    {
        var (rows, lengths, start) = (new List<int>(), new int[sentences.Count], reach);
        for (var s = 0; s < lengths.Length; s++)
        {
            lengths[s] = sentences[s].Length + width - 1;
            rows.AddRange(Enumerable.Range(start - width + 1, lengths[s]));
            start += sentences[s].Length + reach;
        }
        return features.Gather(Tensor.From([.. rows], [rows.Count], features.Device)).MaxOverTime(SequenceLayout.Packed(lengths));
    }
}
