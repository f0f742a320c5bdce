using System.Text.Json;
using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.GptNeo;

/// <summary><c>GPTNeoForCausalLM</c>.</summary>
internal sealed class GptNeoFamily : HuggingFaceFamily
{
    private const string Types = "attention_types";

    public override string ModelType => "gpt_neo";

    public override string Architecture => "GPTNeoForCausalLM";

    public override string Prefix => "transformer.";

    public override string Embedding => "transformer.wte.weight";

    public override Type ConfigType => typeof(GptNeoConfig);

    public override bool IsBuffer(string name) => base.IsBuffer(name) || name.EndsWith(".attn.attention.bias", StringComparison.Ordinal);

    public override DecoderConfig Read(ConfigFields fields)
    {
        var layers = fields.Size("num_layers");
        return Common(new GptNeoConfig
        {
            LayerCount = layers,
            HeadCount = fields.Size("num_heads"),
            ContextLength = fields.Size("max_position_embeddings", 2048),
            IntermediateSize = fields.Size("intermediate_size", 0),
            Window = fields.Size("window_size", 256),
            AttentionPattern = Pattern(fields, layers),
            Activation = fields.Activation("activation_function", "gelu_new"),
            Dropout = fields.Probability("resid_dropout", 0),
            EmbeddingDropout = fields.Probability("embed_dropout", 0),
            AttentionDropout = fields.Probability("attention_dropout", 0),
        }, fields, true, "layer_norm_epsilon", 1e-5);
    }

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var neo = (GptNeoConfig)config;
        WriteCommon(neo, fields, "layer_norm_epsilon");
        fields["num_layers"] = neo.LayerCount;
        fields["num_heads"] = neo.HeadCount;
        fields["max_position_embeddings"] = neo.ContextLength;
        fields["intermediate_size"] = neo.IntermediateSize > 0 ? neo.IntermediateSize : null;
        fields["window_size"] = neo.Window;
        fields[Types] = new JsonArray(new JsonArray(Names(neo), 1));
        fields["attention_layers"] = Names(neo);
        fields["activation_function"] = Name(neo.Activation);
        fields["resid_dropout"] = neo.Dropout;
        fields["embed_dropout"] = neo.EmbeddingDropout;
        fields["attention_dropout"] = neo.AttentionDropout;
    }

    private static JsonArray Names(GptNeoConfig config) => [.. config.Local.Select(local => (JsonNode)JsonValue.Create(local ? "local" : "global"))];

    /// <summary>[[[names], times], …] as one list of names.</summary>
    private static string Pattern(ConfigFields fields, int layers)
    {
        const string Allowed = "a list of [[\"global\" or \"local\", …], times]";
        if (fields.List(Types) is not { } groups) return "global,local";
        var names = new List<string>();
        foreach (var group in groups)
        {
            if (group is not JsonArray { Count: 2 } pair || pair[0] is not JsonArray kinds || pair[1] is not JsonValue times || times.GetValueKind() != JsonValueKind.Number || !int.TryParse(times.ToJsonString(), out var count) || count is < 0 or > 100_000)
                throw fields.Wrong(Types, Allowed);
            var group1 = kinds.Select(kind => kind is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is "global" or "local" ? kind!.GetValue<string>() : throw fields.Wrong(Types, Allowed)).ToArray();
            for (var i = 0; i < count; i++) names.AddRange(group1);
        }
        fields.Require(names.Count == layers, Types, $"a list of as many names as num_layers, {layers}");
        return string.Join(',', names);
    }
}
