using Stemma.Layers;
using Stemma.Models.Heads;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Bert;

/// <summary>The sizes of a BERT. Devlin et al. 2018, "BERT: pre-training of deep bidirectional transformers", arXiv:1810.04805; the defaults are its base model's.</summary>
public sealed record BertConfig : EncoderConfig
{
    /// <summary>Parts of a text that are told apart.</summary>
    public int TypeCount { get; init; } = 2;

    /// <summary>2 layers, 2 heads, 128 channels: BERT-tiny of Turc et al. 2019, arXiv:1908.08962.</summary>
    public static BertConfig Tiny { get; } = new() { LayerCount = 2, HeadCount = 2, HiddenSize = 128, IntermediateSize = 512 };

    internal override string Family => "bert";

    internal override string ClassName => "Bert";

    internal override IReadOnlyList<string> OtherTensors => ["bert.embeddings.position_ids", "bert.pooler.", "cls.", "classifier.", "qa_outputs."];

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Positive(TypeCount, "model.type_count");
    }

    /// <inheritdoc/>
    public override EncoderModel Build(IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Validate();
        var (scope, first) = (weights["bert"], weights.All.Count);
        var embeddings = new EncoderEmbeddings(this, scope["embeddings"], HiddenSize, ContextLength, TypeCount, NormEpsilon);
        return new(this, embeddings, null, BertBlocks.Build(this, scope), [.. weights.All.Skip(first)]);
    }

    internal override MaskedHead BuildMaskedHead(EncoderModel encoder, IWeights weights)
    {
        var scope = weights["cls"]["predictions"];
        var bias = scope.Tensor("bias", [VocabSize], new Initializer.Constant(0));
        return new(
            scope["transform"].Linear("dense", HiddenSize, HiddenSize, Normal), Function, new(scope["transform"]["LayerNorm"], HiddenSize, NormEpsilon),
            TiedEmbeddings ? encoder.TokenVectors : scope["decoder"].Tensor("weight", [VocabSize, HiddenSize], Normal), bias);
    }

    internal override SentenceHead BuildSentenceHead(IWeights weights, int labels) =>
        new(weights["bert"]["pooler"].Linear("dense", HiddenSize, HiddenSize, Normal), TensorOps.Tanh, weights.Linear("classifier", HiddenSize, labels, Normal)) { After = HeadDropout };

    internal override SentenceHead BuildPairHead(IWeights weights) =>
        new(weights["bert"]["pooler"].Linear("dense", HiddenSize, HiddenSize, Normal), TensorOps.Tanh, weights["cls"].Linear("seq_relationship", HiddenSize, 2, Normal));
}
