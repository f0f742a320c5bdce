using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Generation;

/// <summary>
/// A folder's <c>generation_config.json</c>, in which its makers say how the model is best continued (Hugging Face's format). A file that
/// does not speak of sampling leaves the usual options as they are.
/// </summary>
internal static class GenerationConfigFile
{
    /// <summary>What changes a continuation elsewhere and is not done here, with the value that changes nothing.</summary>
    private static readonly (string Field, double Idle)[] s_notApplied =
    [
        ("repetition_penalty", 1), ("no_repeat_ngram_size", 0), ("num_beams", 1), ("typical_p", 1), ("min_p", 0), ("penalty_alpha", 0),
        ("epsilon_cutoff", 0), ("eta_cutoff", 0), ("diversity_penalty", 0), ("min_new_tokens", 0),
    ];

    /// <summary>Reads a folder's file; null where there is none.</summary>
    /// <exception cref="CheckpointException">It is no JSON object, or a field is out of range.</exception>
    public static GenerationDefaults? Read(string folder)
    {
        var path = Path.Combine(folder, CheckpointFiles.GenerationConfig);
        if (!File.Exists(path)) return null;
        var fields = ConfigFields.Read(path);
        var options = new GenerationOptions { MaxTokens = fields.Size("max_new_tokens", new GenerationOptions().MaxTokens), EndTokens = EndTokens(fields) };
        if (fields.Has("do_sample"))
        {
            // What the library does where a field is not given.
            options = fields.Flag("do_sample", false)
                ? options with { Temperature = fields.PositiveNumber("temperature", 1), TopK = Whole(fields, "top_k", 50), TopP = fields.PositiveNumber("top_p", 1) }
                : options with { Temperature = 0 };
            fields.Require(options.TopP <= 1, "top_p", "at most 1");
        }
        return new(options, [.. s_notApplied.Where(field => fields.NumberOrNull(field.Field) is { } value && value != field.Idle).Select(field => field.Field)]);
    }

    private static int Whole(ConfigFields fields, string field, int whenMissing)
    {
        var value = fields.WholeOrNull(field) ?? whenMissing;
        fields.Require(value >= 0, field, "at least 0");
        return value;
    }

    // One id or a list of them.
    private static int[] EndTokens(ConfigFields fields)
    {
        const string Field = "eos_token_id";
        if (!fields.Has(Field)) return [];
        if (!fields.IsList(Field)) return [Whole(fields, Field, 0)];
        return [.. fields.List(Field)!.Select(id => id is JsonValue value && value.TryGetValue(out int whole) && whole >= 0 ? whole : throw fields.Wrong(Field, "a list of token ids"))];
    }
}

/// <summary>How a model's makers would continue it.</summary>
/// <param name="Options">What is done unless a caller says otherwise.</param>
/// <param name="NotApplied">Fields that change a continuation elsewhere and are not done here.</param>
public sealed record GenerationDefaults(GenerationOptions Options, IReadOnlyList<string> NotApplied);
