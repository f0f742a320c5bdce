using Stemma.Layers;
using Stemma.Models.Bert;
using Stemma.Models.Heads;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Roberta;

/// <summary>The sizes of a RoBERTa: BERT trained longer, on masked tokens alone. Liu et al. 2019, arXiv:1907.11692; the defaults are its base model's.</summary>
/// <remarks>Its positions begin after the padding token's id, so that a table of 514 serves texts of 512.</remarks>
public sealed record RobertaConfig : EncoderConfig
{
    /// <summary>RoBERTa's defaults where they are not BERT's.</summary>
    public RobertaConfig() => (PadToken, NormEpsilon) = (1, 1e-5);

    /// <summary>Parts of a text that are told apart; RoBERTa tells none.</summary>
    public int TypeCount { get; init; } = 1;

    internal override string Family => "roberta";

    internal override string ClassName => "Roberta";

    internal override IReadOnlyList<string> OtherTensors => ["roberta.embeddings.position_ids", "roberta.pooler.", "lm_head.", "classifier.", "qa_outputs."];

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Positive(TypeCount, "model.type_count");
        Check.NotNegative(PadToken, "model.pad_token");
    }

    /// <inheritdoc/>
    public override EncoderModel Build(IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Validate();
        var (scope, first) = (weights["roberta"], weights.All.Count);
        var embeddings = new EncoderEmbeddings(this, scope["embeddings"], HiddenSize, ContextLength + PadToken + 1, TypeCount, NormEpsilon) { PositionsFollowPadding = true };
        return new(this, embeddings, null, BertBlocks.Build(this, scope), [.. weights.All.Skip(first)]);
    }

    internal override MaskedHead BuildMaskedHead(EncoderModel encoder, IWeights weights)
    {
        var scope = weights["lm_head"];
        var bias = scope.Tensor("bias", [VocabSize], new Initializer.Constant(0));
        return new(
            scope.Linear("dense", HiddenSize, HiddenSize, Normal), Numerics.Ops.Activation.Gelu, new(scope["layer_norm"], HiddenSize, NormEpsilon),
            TiedEmbeddings ? encoder.TokenVectors : scope["decoder"].Tensor("weight", [VocabSize, HiddenSize], Normal), bias);
    }

    internal override SentenceHead BuildSentenceHead(IWeights weights, int labels)
    {
        var scope = weights["classifier"];
        return new(scope.Linear("dense", HiddenSize, HiddenSize, Normal), TensorOps.Tanh, scope.Linear("out_proj", HiddenSize, labels, Normal)) { Before = HeadDropout, After = HeadDropout };
    }
}
