using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Stemma.Layers;

namespace Stemma.Models.Checkpoints;

/// <summary>The field <c>rope_scaling</c> of a <c>config.json</c>, both ways.</summary>
internal static class RotaryFields
{
    private const string Field = "rope_scaling";

    /// <summary>Reads it; no scaling where it is null.</summary>
    /// <param name="fields">The configuration.</param>
    /// <param name="contextLength">Positions of the model.</param>
    public static RotaryScaling Read(ConfigFields fields, int contextLength)
    {
        if (fields.Part(Field) is not { } part) return new NoRotaryScaling();
        var type = part.Text("rope_type", part.Text("type", ""));
        return type switch
        {
            "default" => new NoRotaryScaling(),
            "linear" => new LinearRotaryScaling { Factor = Required(part, "factor") },
            "dynamic" => new DynamicRotaryScaling { Factor = Required(part, "factor") },
            "yarn" => new YarnRotaryScaling
            {
                Factor = Required(part, "factor"),
                FastTurns = Optional(part, "beta_fast", 32),
                SlowTurns = Optional(part, "beta_slow", 1),
                AttentionFactor = part.Number("attention_factor", 0),
            },
            "llama3" => new Llama3RotaryScaling
            {
                Factor = Required(part, "factor"),
                LowFrequencyFactor = Required(part, "low_freq_factor"),
                HighFrequencyFactor = Required(part, "high_freq_factor"),
                OriginalContextLength = part.Size("original_max_position_embeddings"),
            },
            "longrope" => ReadLong(fields, part, contextLength),
            _ => throw part.Wrong(part.Has("rope_type") ? "rope_type" : "type", "one of default, linear, dynamic, yarn, llama3 and longrope"),
        };
    }

    /// <summary>The factors of LongRoPE as a family that chooses by the length of the sequence has them.</summary>
    public static LongRotaryScaling ReadLong(ConfigFields part, int originalLength) => new()
    {
        ShortFactors = Factors(part, "short_factor"),
        LongFactors = Factors(part, "long_factor"),
        OriginalContextLength = originalLength,
    };

    /// <summary>The object for the field; null for no scaling.</summary>
    /// <exception cref="CheckpointException">The format has no name for it.</exception>
    public static JsonObject? Write(RotaryScaling scaling) => scaling switch
    {
        NoRotaryScaling => null,
        LinearRotaryScaling linear => new() { ["rope_type"] = "linear", ["factor"] = linear.Factor },
        DynamicRotaryScaling dynamic => new() { ["rope_type"] = "dynamic", ["factor"] = dynamic.Factor },
        YarnRotaryScaling yarn => WriteYarn(yarn),
        Llama3RotaryScaling llama => new()
        {
            ["rope_type"] = "llama3",
            ["factor"] = llama.Factor,
            ["low_freq_factor"] = llama.LowFrequencyFactor,
            ["high_freq_factor"] = llama.HighFrequencyFactor,
            ["original_max_position_embeddings"] = llama.OriginalContextLength,
        },
        LongRotaryScaling => throw new CheckpointException("Hugging Face's format has a scaling by the length of the sequence (longrope) for Phi-3 alone; use another model.rotary_scaling."),
        _ => throw new CheckpointException($"Hugging Face's format has no name for the scaling {scaling.GetType().Name}; use another model.rotary_scaling."),
    };

    /// <summary>Numbers with commas between as a list.</summary>
    public static JsonArray List(string factors) => [.. LongRotaryScaling.Numbers(factors).Select(number => (JsonNode)JsonValue.Create(number))];

    /// <summary>
    /// The library chooses once, by the lengths in the configuration, and not by the sequence: the long factors where the model's length is
    /// greater than the original one.
    /// </summary>
    private static LongRotaryScaling ReadLong(ConfigFields fields, ConfigFields part, int contextLength)
    {
        var original = fields.WholeOrNull("original_max_position_embeddings");
        var factor = original is { } length ? (double)contextLength / length : Required(part, "factor");
        var chosen = Factors(part, factor > 1 ? "long_factor" : "short_factor");
        var given = part.Number("attention_factor", 0);
        return new()
        {
            ShortFactors = chosen,
            LongFactors = chosen,
            OriginalContextLength = original ?? contextLength,
            AttentionFactor = given > 0 ? given : factor <= 1 ? 1 : Math.Sqrt(1 + Math.Log(factor) / Math.Log(original ?? contextLength)),
        };
    }

    private static JsonObject WriteYarn(YarnRotaryScaling yarn)
    {
        var part = new JsonObject { ["rope_type"] = "yarn", ["factor"] = yarn.Factor, ["beta_fast"] = yarn.FastTurns, ["beta_slow"] = yarn.SlowTurns };
        if (yarn.AttentionFactor > 0) part["attention_factor"] = yarn.AttentionFactor;
        return part;
    }

    private static double Required(ConfigFields part, string field) => part.NumberOrNull(field) ?? throw part.Wrong(field, "a number");

    // The library takes 0 for not given.
    private static double Optional(ConfigFields part, string field, double whenMissing) => part.Number(field, whenMissing) is var value && value == 0 ? whenMissing : value;

    private static string Factors(ConfigFields part, string field)
    {
        var list = part.List(field) ?? throw part.Wrong(field, "a list of numbers");
        return string.Join(',', list.Select(item => item is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? value.ToJsonString().Trim()
            : throw part.Wrong(field, "a list of numbers")).Select(text => double.Parse(text, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture)));
    }
}
