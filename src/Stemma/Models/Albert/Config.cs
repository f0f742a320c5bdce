using Stemma.Layers;
using Stemma.Models.Heads;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Albert;

/// <summary>The sizes of an ALBERT: small token vectors that are projected, and blocks that serve several layers. Lan et al. 2019, arXiv:1909.11942; the defaults are its base model's.</summary>
public sealed record AlbertConfig : EncoderConfig
{
    /// <summary>ALBERT's defaults where they are not BERT's.</summary>
    public AlbertConfig() => (Activation, Dropout, AttentionDropout, ClassifierDropout) = ("gelu_new", 0, 0, 0.1);

    /// <summary>Channels of a token's vector.</summary>
    public int EmbeddingSize { get; init; } = 128;

    /// <summary>Groups of layers that share their weights.</summary>
    public int GroupCount { get; init; } = 1;

    /// <summary>Blocks of a group, which every layer of it runs through.</summary>
    public int BlocksPerGroup { get; init; } = 1;

    /// <summary>Parts of a text that are told apart.</summary>
    public int TypeCount { get; init; } = 2;

    internal override string Family => "albert";

    internal override string ClassName => "Albert";

    internal override IReadOnlyList<string> OtherTensors => ["albert.embeddings.position_ids", "albert.pooler.", "predictions.", "sop_classifier.", "classifier.", "qa_outputs."];

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check.Positive(EmbeddingSize, "model.embedding_size");
        Check.Positive(GroupCount, "model.group_count");
        Check.Positive(BlocksPerGroup, "model.blocks_per_group");
        Check.Positive(TypeCount, "model.type_count");
        if (GroupCount > LayerCount) throw new ConfigurationException($"model.group_count is {GroupCount}, more than model.layer_count, {LayerCount}: some groups would serve no layer.");
    }

    /// <inheritdoc/>
    public override EncoderModel Build(IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        Validate();
        var (scope, first) = (weights["albert"], weights.All.Count);
        var embeddings = new EncoderEmbeddings(this, scope["embeddings"], EmbeddingSize, ContextLength, TypeCount, NormEpsilon);
        var encoder = scope["encoder"];
        var projection = encoder.Linear("embedding_hidden_mapping_in", EmbeddingSize, HiddenSize, Normal);
        Block[][] groups = [.. Enumerable.Range(0, GroupCount).Select(group => Enumerable.Range(0, BlocksPerGroup)
            .Select(block => Block.Build(weights, () => AlbertBlock.Build(this, group * BlocksPerGroup + block, encoder["albert_layer_groups"][$"{group}"]["albert_layers"][$"{block}"]))).ToArray())];
        // As the original divides: layer · groups ÷ layers, rounded down.
        Block[] blocks = [.. Enumerable.Range(0, LayerCount).SelectMany(layer => groups[(int)(layer / ((double)LayerCount / GroupCount))])];
        return new(this, embeddings, projection, blocks, [.. weights.All.Skip(first)]);
    }

    internal override MaskedHead BuildMaskedHead(EncoderModel encoder, IWeights weights)
    {
        var scope = weights["predictions"];
        var norm = new LayerNorm(scope["LayerNorm"], EmbeddingSize, NormEpsilon);
        var bias = scope.Tensor("bias", [VocabSize], new Initializer.Constant(0));
        return new(
            scope.Linear("dense", HiddenSize, EmbeddingSize, Normal), Function, norm,
            TiedEmbeddings ? encoder.TokenVectors : scope["decoder"].Tensor("weight", [VocabSize, EmbeddingSize], Normal), bias);
    }

    internal override SentenceHead BuildSentenceHead(IWeights weights, int labels) =>
        new(weights["albert"].Linear("pooler", HiddenSize, HiddenSize, Normal), TensorOps.Tanh, weights.Linear("classifier", HiddenSize, labels, Normal)) { After = HeadDropout };

    internal override SentenceHead BuildPairHead(IWeights weights) =>
        new(weights["albert"].Linear("pooler", HiddenSize, HiddenSize, Normal), TensorOps.Tanh, weights["sop_classifier"].Linear("classifier", HiddenSize, 2, Normal)) { After = HeadDropout };
}
