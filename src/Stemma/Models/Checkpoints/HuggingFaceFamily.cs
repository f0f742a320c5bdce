using System.Text.Json.Nodes;
using Stemma.Layers;

namespace Stemma.Models.Checkpoints;

/// <summary>How a family of decoders looks in Hugging Face's format: its names, its fields both ways. Weights have the library's names and layouts already.</summary>
internal abstract class HuggingFaceFamily
{
    /// <summary><c>model_type</c>.</summary>
    public abstract string ModelType { get; }

    /// <summary>The library's class with the output projection.</summary>
    public abstract string Architecture { get; }

    /// <summary>What the names of all but the output projection begin with; files of the bare model lack it.</summary>
    public abstract string Prefix { get; }

    /// <summary>The output projection's name.</summary>
    public virtual string Head => "lm_head";

    /// <summary>The token embedding's name.</summary>
    public abstract string Embedding { get; }

    /// <summary>The configuration's type.</summary>
    public abstract Type ConfigType { get; }

    /// <summary>The configuration that fields describe, not yet validated.</summary>
    /// <exception cref="CheckpointException">A field is missing, contradicts another, or asks for what this family does not do.</exception>
    public abstract DecoderConfig Read(ConfigFields fields);

    /// <summary>Writes the fields of a configuration.</summary>
    public abstract void Write(DecoderConfig config, JsonObject fields);

    /// <summary>Whether a tensor is a buffer that files may hold and the model has no use for.</summary>
    public virtual bool IsBuffer(string name) => name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal) || name.EndsWith(".masked_bias", StringComparison.Ordinal);

    /// <summary>The library's name of an activation.</summary>
    protected static string Name(ActivationKind activation) => activation switch
    {
        ActivationKind.Gelu => "gelu",
        ActivationKind.GeluTanh => "gelu_new",
        ActivationKind.Relu => "relu",
        ActivationKind.Silu => "silu",
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation."),
    };

    /// <summary>Fills in what most families call alike.</summary>
    protected static T Common<T>(T config, ConfigFields fields, bool tiedWhenMissing, string epsilon, double epsilonWhenMissing) where T : DecoderConfig => config with
    {
        VocabSize = fields.Size("vocab_size"),
        HiddenSize = fields.Size("hidden_size"),
        NormEpsilon = fields.PositiveNumber(epsilon, epsilonWhenMissing),
        InitializerRange = Range(fields, "initializer_range"),
        TiesEmbeddings = fields.Flag("tie_word_embeddings", tiedWhenMissing),
    };

    /// <summary>A standard deviation.</summary>
    protected static double Range(ConfigFields fields, string field)
    {
        var value = fields.Number(field, 0.02);
        fields.Require(value >= 0, field, "at least 0");
        return value;
    }

    /// <summary>Fills in what families with rotary positions call alike.</summary>
    protected static T Rotary<T>(T config, ConfigFields fields, int? keyHeadsWhenMissing, int contextWhenMissing, double theta = 10000) where T : RotaryDecoderConfig
    {
        var context = fields.Size("max_position_embeddings", contextWhenMissing);
        var heads = fields.Size("num_attention_heads");
        return config with
        {
            LayerCount = fields.Size("num_hidden_layers"),
            HeadCount = heads,
            IntermediateSize = fields.Size("intermediate_size"),
            ContextLength = context,
            KvHeadCount = fields.Has("num_key_value_heads") ? fields.Size("num_key_value_heads") : keyHeadsWhenMissing ?? heads,
            RotaryTheta = fields.PositiveNumber("rope_theta", theta),
            RotaryScaling = RotaryFields.Read(fields, context),
            AttentionDropout = fields.Probability("attention_dropout", 0),
        };
    }

    /// <summary>Writes what all families call alike.</summary>
    protected static void WriteCommon(DecoderConfig config, JsonObject fields, string epsilon)
    {
        fields["vocab_size"] = config.VocabSize;
        fields["hidden_size"] = config.HiddenSize;
        fields[epsilon] = config.NormEpsilon;
        fields["initializer_range"] = config.InitializerRange;
        fields["tie_word_embeddings"] = config.TiesEmbeddings;
        fields["use_cache"] = true;
    }

    /// <summary>Writes what families with rotary positions call alike.</summary>
    protected static void WriteRotary(RotaryDecoderConfig config, JsonObject fields)
    {
        fields["num_hidden_layers"] = config.LayerCount;
        fields["num_attention_heads"] = config.HeadCount;
        fields["num_key_value_heads"] = config.KeyHeads;
        fields["intermediate_size"] = config.FeedForwardSize;
        fields["max_position_embeddings"] = config.ContextLength;
        fields["rope_theta"] = config.RotaryTheta;
        fields["attention_dropout"] = config.AttentionDropout;
    }

    /// <summary>Throws where a scaling of rotary positions would be lost.</summary>
    protected void RequireNoScaling(RotaryDecoderConfig config)
    {
        if (config.RotaryScaling is not NoRotaryScaling) throw new CheckpointException($"{Architecture} has no scaling of rotary positions in Hugging Face's format; train it with model.rotary_scaling.kind=none.");
    }

    /// <summary>The scaling of a family that the library gives none: the field must not be there.</summary>
    protected static T WithoutScaling<T>(T config, ConfigFields fields) where T : RotaryDecoderConfig
    {
        fields.Require(config.RotaryScaling is NoRotaryScaling, "rope_scaling", "null");
        return config;
    }
}
