using System.Text.Json.Nodes;
using Stemma.Configuration;
using Stemma.Layers.Recurrent;
using Stemma.Models.Gpt2;
using Stemma.Models.Recurrent;
using Stemma.Numerics;
using Stemma.Optimizers;
using Stemma.Schedules;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Configuration;

public sealed class SettingsTests
{
    [Fact]
    public void A_field_is_set_by_its_dotted_path()
    {
        var run = Settings.Apply(new(), ["model.layer_count=8", "schedule.learning_rate=3e-4", "precision=bfloat16", "data.source=notes.txt", "data.lossy=true", "seed=18446744073709551615"]);
        Assert.Equal(8, Assert.IsType<Gpt2Config>(run.Model).LayerCount);
        Assert.Equal(3e-4, run.Schedule.LearningRate);
        Assert.Equal(ComputePrecision.BFloat16, run.Precision);
        Assert.Equal("notes.txt", run.Data.Source);
        Assert.True(run.Data.Lossy);
        Assert.Equal(ulong.MaxValue, run.Seed);
    }

    [Fact]
    public void Nothing_set_changes_nothing() => Assert.Equal(Presets.Docs, Settings.Apply(Presets.Docs, []));

    [Fact]
    public void A_value_that_looks_like_a_number_stays_text_where_text_is_wanted() =>
        Assert.Equal("1984", Settings.Apply(new(), ["data.source=1984"]).Data.Source);

    [Fact]
    public void Another_kind_brings_its_own_fields_and_keeps_what_all_kinds_have()
    {
        var run = Settings.Apply(new(), ["optimizer.momentum=0.9", "optimizer.kind=sgd", "schedule.warmup_steps=7"]);
        Assert.Equal(new SgdConfig { Momentum = 0.9 }, run.Optimizer);
        run = Settings.Apply(run, ["schedule.kind=warmup_stable_decay"]);
        Assert.Equal(new WarmupStableDecaySchedule { WarmupSteps = 7 }, run.Schedule);
        Assert.Equal(new AdamConfig(), Settings.Apply(new(), ["optimizer.kind=adam"]).Optimizer);
    }

    [Fact]
    public void A_part_can_be_given_as_json()
    {
        var run = Settings.Apply(new(), ["tokenizer={\"kind\":\"file\",\"path\":\"t.json\"}"]);
        Assert.Equal(new TokenizerFileConfig { Path = "t.json" }, run.Tokenizer);
    }

    [Theory]
    [InlineData("model.layer_cuont=8", "Unknown setting model.layer_cuont. Did you mean model.layer_count? (`stemma train --help settings` lists all ")]
    [InlineData("stpes=8", "Unknown setting stpes. Did you mean steps? (")]
    [InlineData("zzzzzzzz=8", "Unknown setting zzzzzzzz. (`stemma train --help settings` lists all ")]
    [InlineData("steps.a=8", "Unknown setting steps.a.")]
    [InlineData("model.layer_count=eight", "model.layer_count is \"eight\"; it must be a whole number.")]
    [InlineData("model.layer_count=8.5", "model.layer_count is \"8.5\"; it must be a whole number.")]
    [InlineData("model.layer_count=99999999999", "model.layer_count is \"99999999999\"; it must be a whole number.")]
    [InlineData("model.dropout=NaN", "model.dropout is \"NaN\"; it must be a number.")]
    [InlineData("data.lossy=yes", "data.lossy is \"yes\"; it must be true or false.")]
    [InlineData("precision=float23", "precision is \"float23\"; it is one of float32, bfloat16. Did you mean float32?")]
    [InlineData("optimizer.kind=adamm", "optimizer.kind is \"adamm\"; it is one of adamw, adam, sgd. Did you mean adamw?")]
    [InlineData("optimizer.momentum=0.9", "optimizer.momentum belongs to optimizer.kind sgd; this run has adamw. Add --set optimizer.kind=sgd, or leave it out.")]
    [InlineData("model.dropout.probability=0.5", "model.dropout.probability belongs to model.kind rnn; this run has gpt2. Add --set model.kind=rnn, or leave it out.")]
    [InlineData("optimizer=adam", "optimizer is a part with fields of its own: set optimizer.<field>=value, or give a JSON object.")]
    [InlineData("tokenizer.kind=file", "tokenizer.path is missing: A tokenizer.json, a SentencePiece .model or another file of a tokenizer, or a folder that holds one.")]
    [InlineData("steps", "\"steps\" is not a setting; write path=value, for example model.layer_count=8.")]
    [InlineData("steps=", "steps is \"\"; it must be a whole number.")]
    public void What_is_wrong_is_said_with_the_way_out(string assignment, string message)
    {
        var exception = Assert.Throws<ConfigurationException>(() => Settings.Apply(new(), [assignment]));
        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_listed_setting_can_be_set_to_its_default()
    {
        foreach (var setting in Settings.All)
        {
            string[] kind = [.. setting.Conditions.Select(condition => $"{condition.Path}={condition.Kinds[0]}")];
            var run = Settings.Apply(new TrainingRun(), [.. kind, $"{setting.Path}={setting.Default ?? "x"}"]);
            if (setting.Default is not null && kind.Length == 0) Assert.Equal(Settings.Write(Settings.Apply(new(), kind)), Settings.Write(run));
        }
    }

    [Fact]
    public void A_part_within_a_part_has_kinds_of_its_own()
    {
        var run = Settings.Apply(new(), ["model.dropout.probability=0.25", "model.dropout.kind=layers", "model.kind=gru", "model.vocab_size=9"]);
        Assert.Equal(new GruConfig { VocabSize = 9, ContextLength = 64, Dropout = new LayerDropout { Probability = 0.25 } }, run.Model);
        var setting = Settings.All.Single(setting => setting.Path == "model.dropout.probability");
        Assert.Equal([("model.kind", "rnn|gru|lstm|peephole-lstm"), ("model.dropout.kind", "layers")], setting.Conditions.Select(condition => (condition.Path, string.Join('|', condition.Kinds))));
    }

    [Fact]
    public void A_run_as_json_reads_back_the_same()
    {
        foreach (var run in Presets.Names.Select(name => Presets.Find(name)).Append(new() { Tokenizer = new TokenizerFileConfig { Path = "a b.json" }, Optimizer = new SgdConfig() }))
            Assert.Equal(run, Settings.Read(Settings.Write(run), "run.json"));
    }

    [Fact]
    public void Part_of_a_run_as_json_keeps_the_other_fields()
    {
        var run = Settings.Read("""{ "model": { "layer_count": 2, }, /* note */ "optimizer": { "kind": "adam" } }""", "run.json", Presets.Cpu);
        Assert.Equal(Presets.Cpu with { Model = Gpt2Config.Tiny with { LayerCount = 2 }, Optimizer = new AdamConfig() }, run);
    }

    [Theory]
    [InlineData("{", "run.json is not JSON (line 1).")]
    [InlineData("[]", "run.json is not a JSON object.")]
    [InlineData("{\"steps\": 1, \"steps\": 2}", "run.json sets a field twice.")]
    [InlineData("{\"model\": 3}", "run.json: model is 3; it must be a JSON object with fields such as layer_count.")]
    [InlineData("{\"model\": {\"layer_cuont\": 3}}", "run.json: Unknown setting model.layer_cuont. Did you mean model.layer_count?")]
    [InlineData("{\"steps\": \"3\"}", "run.json: steps is \"3\"; it must be a whole number.")]
    [InlineData("{\"steps\": null}", "run.json: steps is \"null\"; it must be a whole number.")]
    [InlineData("{\"data\": {\"source\": 3}}", "run.json: data.source is \"3\"; it must be text.")]
    public void Damaged_json_is_refused(string json, string message)
    {
        var exception = Assert.Throws<ConfigurationException>(() => Settings.Read(json, "run.json"));
        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_uses_snake_case()
    {
        var json = JsonNode.Parse(Settings.Write(new()))!;
        Assert.Equal("gpt2", (string?)json["model"]!["kind"]);
        Assert.Equal(12, (int)json["batch_size"]!);
        Assert.Equal("float32", (string?)json["precision"]);
    }

    [Fact]
    public void Presets_are_valid_and_found_by_name()
    {
        foreach (var name in Presets.Names) Presets.Find(name).Validate();
        var exception = Assert.Throws<ConfigurationException>(() => Presets.Find("bady"));
        Assert.Equal("There is no preset bady. Did you mean baby? Presets: docs, transformer-2017, llama, mixture, cpu, baby, small, ptb-rnn, ptb-lstm-small, ptb-lstm-medium, ptb-neural-ngram.", exception.Message);
    }
}
