using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.GptJ;

/// <summary><c>GPTJForCausalLM</c>.</summary>
internal sealed class GptJFamily : HuggingFaceFamily
{
    public override string ModelType => "gptj";

    public override string Architecture => "GPTJForCausalLM";

    public override string Prefix => "transformer.";

    public override string Embedding => "transformer.wte.weight";

    public override Type ConfigType => typeof(GptJConfig);

    public override bool IsBuffer(string name) => base.IsBuffer(name) || name.EndsWith(".attn.bias", StringComparison.Ordinal) || name.EndsWith(".attn.embed_positions", StringComparison.Ordinal);

    public override DecoderConfig Read(ConfigFields fields)
    {
        if (fields.Given("rotary_dim") && !fields.Has("rotary_dim")) throw fields.Wrong("rotary_dim", "a positive whole number");
        return new GptJConfig
        {
            VocabSize = fields.Size("vocab_size"),
            ContextLength = fields.Size("n_positions", 2048),
            HiddenSize = fields.Size("n_embd"),
            LayerCount = fields.Size("n_layer"),
            HeadCount = fields.Size("n_head"),
            IntermediateSize = fields.Size("n_inner", 0),
            RotarySize = fields.Size("rotary_dim", 64),
            Activation = fields.Activation("activation_function", "gelu_new"),
            Dropout = fields.Probability("resid_pdrop", 0),
            EmbeddingDropout = fields.Probability("embd_pdrop", 0),
            AttentionDropout = fields.Probability("attn_pdrop", 0),
            NormEpsilon = fields.PositiveNumber("layer_norm_epsilon", 1e-5),
            InitializerRange = Range(fields, "initializer_range"),
            TiesEmbeddings = fields.Flag("tie_word_embeddings", false),
        };
    }

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var gptJ = (GptJConfig)config;
        RequireNoScaling(gptJ);
        if (gptJ.RotaryTheta != 10000) throw new CheckpointException($"{Architecture} has the rotary base 10000 and no other; model.rotary_theta is {gptJ.RotaryTheta}.");
        fields["vocab_size"] = gptJ.VocabSize;
        fields["n_positions"] = gptJ.ContextLength;
        fields["n_embd"] = gptJ.HiddenSize;
        fields["n_layer"] = gptJ.LayerCount;
        fields["n_head"] = gptJ.HeadCount;
        fields["n_inner"] = gptJ.IntermediateSize > 0 ? gptJ.IntermediateSize : null;
        fields["rotary_dim"] = gptJ.RotaryChannels;
        fields["activation_function"] = Name(gptJ.Activation);
        fields["resid_pdrop"] = gptJ.Dropout;
        fields["embd_pdrop"] = gptJ.EmbeddingDropout;
        fields["attn_pdrop"] = gptJ.AttentionDropout;
        fields["layer_norm_epsilon"] = gptJ.NormEpsilon;
        fields["initializer_range"] = gptJ.InitializerRange;
        fields["tie_word_embeddings"] = gptJ.TiesEmbeddings;
    }
}
