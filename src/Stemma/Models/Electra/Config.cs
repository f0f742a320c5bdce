using Stemma.Layers;
using Stemma.Models.Bert;
using Stemma.Models.Heads;

namespace Stemma.Models.Electra;

/// <summary>The sizes of an ELECTRA: BERT's blocks over token vectors of their own size. Clark et al. 2020, "ELECTRA: pre-training text encoders as discriminators rather than generators", arXiv:2003.10555; the defaults are its small model's.</summary>
public sealed record ElectraConfig : EncoderConfig
{
    /// <summary>ELECTRA's defaults where they are not BERT's.</summary>
    public ElectraConfig() => (HiddenSize, HeadCount, IntermediateSize) = (256, 4, 1024);

    /// <summary>Channels of a token's vector; projected where they are not the blocks'.</summary>
    public int EmbeddingSize { get; init; } = 128;

    /// <summary>Parts of a text that are told apart.</summary>
    public int TypeCount { get; init; } = 2;

    internal override string Family => "electra";

    internal override string ClassName => "Electra";

    internal override IReadOnlyList<string> OtherTensors => ["electra.embeddings.position_ids", "generator_predictions.", "generator_lm_head.", "discriminator_predictions.", "classifier.", "qa_outputs."];

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Positive(EmbeddingSize, "model.embedding_size");
        Check.Positive(TypeCount, "model.type_count");
    }

    /// <inheritdoc/>
    public override EncoderModel Build(IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Validate();
        var (scope, first) = (weights["electra"], weights.All.Count);
        var embeddings = new EncoderEmbeddings(this, scope["embeddings"], EmbeddingSize, ContextLength, TypeCount, NormEpsilon);
        var projection = EmbeddingSize == HiddenSize ? null : scope.Linear("embeddings_project", EmbeddingSize, HiddenSize, Normal);
        return new(this, embeddings, projection, BertBlocks.Build(this, scope), [.. weights.All.Skip(first)]);
    }

    internal override MaskedHead BuildMaskedHead(EncoderModel encoder, IWeights weights)
    {
        var scope = weights["generator_predictions"];
        var norm = new LayerNorm(scope["LayerNorm"], EmbeddingSize, NormEpsilon);
        var dense = scope.Linear("dense", HiddenSize, EmbeddingSize, Normal);
        var head = weights["generator_lm_head"];
        var weight = TiedEmbeddings ? encoder.TokenVectors : head.Tensor("weight", [VocabSize, EmbeddingSize], Normal);
        return new(dense, Numerics.Ops.Activation.Gelu, norm, weight, head.Tensor("bias", [VocabSize], new Initializer.Constant(0)));
    }

    internal override SentenceHead BuildSentenceHead(IWeights weights, int labels)
    {
        var scope = weights["classifier"];
        return new(scope.Linear("dense", HiddenSize, HiddenSize, Normal), Numerics.Ops.TensorOps.Gelu, scope.Linear("out_proj", HiddenSize, labels, Normal)) { Before = HeadDropout, After = HeadDropout };
    }
}
