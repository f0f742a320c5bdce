using Stemma.Configuration;
using Stemma.Training;

namespace Stemma.Curation;

/// <summary>All that decides what raw text becomes: the same recipe over the same files gives the same bytes.</summary>
public sealed record CurationRecipe
{
    /// <summary>Where the text comes from.</summary>
    public IReadOnlyList<RecipeInput> Inputs { get; init; } = [];

    /// <summary>What is done to it, one after the other.</summary>
    public IReadOnlyList<CurationStep> Steps { get; init; } = [];

    /// <summary>How the text becomes tokens.</summary>
    public TokenizerConfig Tokenizer { get; init; } = new BpeTokenizerConfig();

    /// <summary>How the tokens become files.</summary>
    public ShardConfig Shards { get; init; } = new();

    /// <summary>Decides the order of the documents and which of them are held out.</summary>
    public ulong Seed { get; init; } = 1337;

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="ConfigurationException">It is not JSON, has an unknown or mistyped field, or contradicts itself.</exception>
    public static CurationRecipe Parse(string json, string source)
    {
        var recipe = StrictJson.Read(json, source, StemmaJson.Default.CurationRecipe,
            new CurationRecipe(), new RecipeInput(), new ShardConfig(), new BpeTokenizerConfig(), new WordTokenizerConfig(), new JsonLinesFormat(), new CsvFormat(), new TsvFormat(),
            new HtmlTextStep(), new NormalizeStep(), new LanguageStep(), new QualityStep(), new PerplexityStep(), new SafetyStep(), new PersonalDataStep(), new ContaminationStep(),
            new NearDuplicatesStep(), new RepeatedSubstringsStep());
        try
        {
            recipe.Validate();
            return recipe;
        }
        catch (ConfigurationException error)
        {
            throw new ConfigurationException($"{source}: {error.Message}");
        }
    }

    /// <summary>The recipe as JSON.</summary>
    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, StemmaJson.Default.CurationRecipe) + "\n";

    /// <summary>Throws when a field is out of range or contradicts another.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        if (Inputs.Count == 0) throw new ConfigurationException("inputs is empty; a recipe needs at least one, such as { \"path\": \"pages/*.warc.gz\" }.");
        if (Steps.Count > 31) throw new ConfigurationException($"steps has {Steps.Count} entries; at most 31 are possible.");
        for (var i = 0; i < Inputs.Count; i++) Inputs[i].Validate($"inputs[{i}]");
        for (var i = 0; i < Steps.Count; i++)
        {
            if (Steps[i] is null) throw new ConfigurationException($"steps[{i}] is null.");
            Steps[i].Validate($"steps[{i}]");
        }

        var weighted = Inputs.Select((input, i) => (input, i)).Where(pair => pair.input.Weight is not null).ToArray();
        if (weighted.Length > 0 && weighted.Length < Inputs.Count)
        {
            var without = Inputs.Select((input, i) => (input, i)).First(pair => pair.input.Weight is null).i;
            throw new ConfigurationException($"inputs[{weighted[0].i}] has a weight and inputs[{without}] has none; weights are shares of the whole, so all inputs have one or none has.");
        }

        var html = Steps.Select((step, i) => (step, i)).Where(pair => pair.step is HtmlTextStep).Select(pair => pair.i).ToArray();
        if (html.Length > 1) throw new ConfigurationException($"steps[{html[1]}] turns HTML into text, which steps[{html[0]}] has done already.");
        if (html.Length == 1 && html[0] > 0 && Steps.Take(html[0]).FirstOrDefault(step => step is not NormalizeStep) is { } before)
            throw new ConfigurationException($"steps[{html[0]}] turns HTML into text after steps[{Steps.ToList().IndexOf(before)}] ({before.Kind}) has judged it with its tags; put html_text first.");
        if (html.Length == 0 && Inputs.Select((input, i) => (input, i)).FirstOrDefault(pair => pair.input.MayBeHtml()) is { input: not null } page)
            throw new ConfigurationException($"inputs[{page.i}] ({page.input.Path}) holds HTML, and no step turns it into text; add {{ \"kind\": \"html_text\" }} as the first step.");
        Shards.Validate();
        new TrainingRun { Tokenizer = Tokenizer }.Validate();
    }
}

/// <summary>How tokens become files.</summary>
public sealed record ShardConfig
{
    /// <summary>About how many bytes of text a shard holds; also what is shuffled in memory at a time.</summary>
    public long TextBytes { get; init; } = 64 << 20;

    /// <summary>The part of the documents that is held out, by a hash of where each is from; 0 for none.</summary>
    public double ValidationFraction { get; init; } = 0.01;

    /// <summary>About how many bytes of text the tokenizer is trained on, where it is trained; the documents are chosen by the seed.</summary>
    public long TokenizerBytes { get; init; } = 64 << 20;

    /// <summary>Text that is worked on at a time, and lost when the work is killed.</summary>
    public long PartBytes { get; init; } = 8 << 20;

    internal void Validate()
    {
        Check.Positive(TextBytes, "shards.text_bytes");
        Check.Positive(TokenizerBytes, "shards.tokenizer_bytes");
        Check.Positive(PartBytes, "shards.part_bytes");
        if (TextBytes > 1L << 30) throw new ConfigurationException($"shards.text_bytes is {TextBytes:N0}; a shard is shuffled in memory, 1 GB is the most.");
        if (PartBytes > 1L << 28) throw new ConfigurationException($"shards.part_bytes is {PartBytes:N0}; a part is worked on in memory, 256 MB is the most.");
        if (ValidationFraction is not (>= 0 and < 1)) throw new ConfigurationException($"shards.validation_fraction is {ValidationFraction}; it is at least 0 and below 1.");
    }
}
