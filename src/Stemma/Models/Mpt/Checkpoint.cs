using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.Mpt;

/// <summary><c>MptForCausalLM</c>.</summary>
internal sealed class MptFamily : HuggingFaceFamily
{
    private const string Attention = "attn_config";

    public override string ModelType => "mpt";

    public override string Architecture => "MptForCausalLM";

    public override string Prefix => "transformer.";

    public override string Embedding => "transformer.wte.weight";

    public override Type ConfigType => typeof(MptConfig);

    public override DecoderConfig Read(ConfigFields fields)
    {
        fields.Require(fields.Number("expansion_ratio", 4) == 4, "expansion_ratio", "4");
        fields.Require(!fields.Has("logit_scale"), "logit_scale", "null");
        fields.Require(fields.Number("embedding_fraction", 1) == 1, "embedding_fraction", "1");
        var attention = fields.Part(Attention) ?? new($"{Attention} of the configuration", []);
        attention.Require(attention.Flag("alibi", true), "alibi", "true");
        attention.Require(attention.Text("attn_type", "multihead_attention") == "multihead_attention", "attn_type", "multihead_attention");
        attention.Require(!attention.Flag("prefix_lm", false), "prefix_lm", "false");
        attention.Require(!attention.Flag("qk_ln", false), "qk_ln", "false");
        attention.Require(!attention.Flag("attn_uses_sequence_id", false), "attn_uses_sequence_id", "false");
        var dropout = attention.Probability("attn_pdrop", 0);
        return new MptConfig
        {
            VocabSize = fields.Size("vocab_size"),
            HiddenSize = fields.Size("d_model"),
            LayerCount = fields.Size("n_layers"),
            HeadCount = fields.Size("n_heads"),
            ContextLength = fields.Size("max_seq_len", 2048),
            NormEpsilon = fields.PositiveNumber("layer_norm_epsilon", 1e-5),
            InitializerRange = Range(fields, "initializer_range"),
            Clip = attention.Has("clip_qkv") ? attention.Number("clip_qkv", 0) : 0,
            ScoreScale = attention.Has("softmax_scale") ? attention.PositiveNumber("softmax_scale", 1) : 0,
            MaxBias = attention.PositiveNumber("alibi_bias_max", 8),
            AttentionDropout = dropout,
            // The library drops what parts add with the probability of attention's weights.
            Dropout = dropout,
            TiesEmbeddings = fields.Flag("tie_word_embeddings", true),
        };
    }

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var mpt = (MptConfig)config;
        fields["vocab_size"] = mpt.VocabSize;
        fields["d_model"] = mpt.HiddenSize;
        fields["n_layers"] = mpt.LayerCount;
        fields["n_heads"] = mpt.HeadCount;
        fields["max_seq_len"] = mpt.ContextLength;
        fields["expansion_ratio"] = 4;
        fields["layer_norm_epsilon"] = mpt.NormEpsilon;
        fields["initializer_range"] = mpt.InitializerRange;
        fields["tie_word_embeddings"] = mpt.TiesEmbeddings;
        fields["no_bias"] = true;
        fields["learned_pos_emb"] = false;
        fields[Attention] = new JsonObject
        {
            ["alibi"] = true,
            ["alibi_bias_max"] = mpt.MaxBias,
            ["attn_pdrop"] = mpt.AttentionDropout,
            ["clip_qkv"] = mpt.Clip > 0 ? mpt.Clip : null,
            ["softmax_scale"] = mpt.ScoreScale > 0 ? mpt.ScoreScale : null,
        };
    }
}
