using Stemma.Layers;
using Stemma.Models.Heads;
using Stemma.Numerics.Ops;

namespace Stemma.Models.DistilBert;

/// <summary>The sizes of a DistilBERT: BERT with half the layers, taught by BERT; it does not tell parts of a text apart. Sanh et al. 2019, arXiv:1910.01108.</summary>
public sealed record DistilBertConfig : EncoderConfig
{
    /// <summary>DistilBERT's defaults where they are not BERT's.</summary>
    public DistilBertConfig() => (LayerCount, ClassifierDropout) = (6, 0.2);

    /// <summary>Probability with which what the question-answering head reads is dropped while training.</summary>
    public double AnswerDropout { get; init; } = 0.1;

    internal override double TokenDropout => Dropout;

    internal override double AnswerHeadDropout => AnswerDropout;

    internal override string Family => "distilbert";

    internal override string ClassName => "DistilBert";

    internal override IReadOnlyList<string> OtherTensors => ["distilbert.embeddings.position_ids", "vocab_transform.", "vocab_layer_norm.", "vocab_projector.", "pre_classifier.", "classifier.", "qa_outputs."];

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Probability(AnswerDropout, "model.answer_dropout");
        if (NormEpsilon != 1e-12) throw new ConfigurationException($"model.norm_epsilon is {NormEpsilon}; DistilBERT's norms have 1e-12.");
    }

    /// <inheritdoc/>
    public override EncoderModel Build(IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Validate();
        var (scope, first) = (weights["distilbert"], weights.All.Count);
        var embeddings = new EncoderEmbeddings(this, scope["embeddings"], HiddenSize, ContextLength, 0, NormEpsilon);
        Block[] blocks = [.. Enumerable.Range(0, LayerCount).Select(layer => Block.Build(weights, () => DistilBertBlock.Build(this, layer, scope["transformer"]["layer"][$"{layer}"])))];
        return new(this, embeddings, null, blocks, [.. weights.All.Skip(first)]);
    }

    internal override MaskedHead BuildMaskedHead(EncoderModel encoder, IWeights weights)
    {
        var dense = weights.Linear("vocab_transform", HiddenSize, HiddenSize, Normal);
        var norm = new LayerNorm(weights["vocab_layer_norm"], HiddenSize, NormEpsilon);
        var scope = weights["vocab_projector"];
        var weight = TiedEmbeddings ? encoder.TokenVectors : scope.Tensor("weight", [VocabSize, HiddenSize], Normal);
        return new(dense, Function, norm, weight, scope.Tensor("bias", [VocabSize], new Initializer.Constant(0)));
    }

    internal override SentenceHead BuildSentenceHead(IWeights weights, int labels) =>
        new(weights.Linear("pre_classifier", HiddenSize, HiddenSize, Normal), TensorOps.Relu, weights.Linear("classifier", HiddenSize, labels, Normal)) { After = HeadDropout };
}
