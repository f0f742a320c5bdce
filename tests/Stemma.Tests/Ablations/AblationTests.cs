using System.Text.Json.Nodes;
using Stemma.Ablations;
using Stemma.Evaluation.Statistics;
using Stemma.Numerics.Distributions;
using Stemma.Tests.Architecture;
using Stemma.Tests.Cli;
using Xunit;

namespace Stemma.Tests.Ablations;

public sealed class AblationTests
{
    private const string Study = """
        {
          "name": "small", "question": "Which?", "seeds": [1, 2], "lengths": [16, 32],
          "run": {
            "model": { "kind": "decoder", "layer_count": 1, "head_count": 2, "hidden_size": 16, "context_length": 16 },
            "tokenizer": { "kind": "char" }, "steps": 6, "batch_size": 2, "schedule": { "warmup_steps": 2 },
            "data": { "source": "none.txt" },
          },
          "variants": [
            { "name": "rotary" },
            { "name": "Learned!", "run": { "model": { "positions": { "kind": "learned" } } } },
            { "name": "linear", "read": { "model": { "positions": { "scaling": { "kind": "linear", "factor": 2 } } } } },
            { "name": "LayerNorm", "run": { "model": { "norm": "layer-norm" } }, "against": "Learned!" },
          ]
        }
        """;

    public static TheoryData<string> Files => [.. Repository.Files.Where(file => file.StartsWith("docs/studies/", StringComparison.Ordinal) && file.EndsWith(".json", StringComparison.Ordinal) && file.Count(c => c == '/') == 2)];

    [Fact]
    public async Task A_study_trains_each_variant_with_each_seed_and_a_second_run_repeats_it()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["study.json"], Study);
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var first = await Records(folder, "a", "--page", folder["docs/small.md"]);
        Assert.Equal(["rotary", "Learned!", "linear", "LayerNorm"], first.Select(record => (string)record["variant"]!));
        Assert.Equal([null, "rotary", "rotary", "Learned!"], first.Select(record => (string?)record["against"]));
        // What was learned for each position ends with them; the scaling reads with the weights that are there.
        Assert.Null(first[1]["readings"]![1]!["bits_per_byte"]);
        Assert.NotNull(first[0]["readings"]![1]!["bits_per_byte"]);
        Assert.NotEqual((double)first[0]["readings"]![0]!["bits_per_byte"]!, (double)first[2]["readings"]![0]!["bits_per_byte"]!);
        Assert.Equal(["layernorm-1", "layernorm-2", "learned-1", "learned-2", "rotary-1", "rotary-2"], Directory.GetDirectories(folder["a/runs"]).Select(Path.GetFileName).Order());
        var difference = (double)first[1]["difference"]!;
        Assert.Equal((Seed(first[1], "1") - Seed(first[0], "1") + Seed(first[1], "2") - Seed(first[0], "2")) / 2, difference, 1e-9);
        Assert.InRange(difference, (double)first[1]["difference_low"]!, (double)first[1]["difference_high"]!);

        var page = await File.ReadAllTextAsync(folder["docs/small.md"]);
        Assert.Contains("| Learned! | `model.positions.kind=learned` |", page, StringComparison.Ordinal);
        Assert.Contains("(figures/small.svg)", page, StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Path, (await File.ReadAllTextAsync(folder["docs/results/small.json"])) + page.Replace(folder.Path, "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.True(File.Exists(folder["docs/figures/small.svg"]));

        // Opened again everything is there; what is missing is measured again, to the same bits.
        File.Delete(folder["a/results/layernorm-2.json"]);
        var again = await Records(folder, "a");
        Assert.Equal(first.Select(record => record.ToJsonString()), again.Select(record => record.ToJsonString()));
        var elsewhere = await Records(folder, "b");
        Assert.Equal(first.Select(record => record["seeds"]!.ToJsonString() + record["p_value"]), elsewhere.Select(record => record["seeds"]!.ToJsonString() + record["p_value"]));

        // A run of the study is a run like any other.
        var sample = await CommandLineRun.Of("generate", folder["a/runs/rotary-1"], "--prompt", "the ", "--max-tokens", "5");
        Assert.Equal(0, sample.Code);
        var other = await CommandLineRun.Of("ablate", folder["study.json"], "--data", folder["study.json"], "--out", folder["a"]);
        Assert.Equal(2, other.Code);
        Assert.Contains("holds a study with other settings", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_processes_do_not_share_a_folder()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["study.json"], Study);
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        using (AblationSession.Open(AblationStudy.Read(Study, "study.json").WithData(folder["text.txt"]), folder["a"]))
        {
            var second = await CommandLineRun.Of("ablate", folder["study.json"], "--data", folder["text.txt"], "--out", folder["a"]);
            Assert.Equal(2, second.Code);
            Assert.Contains("is in use: another process is at work in it.", second.Error, StringComparison.Ordinal);
        }

        // Whoever ends gives it back, and leaves nothing that would stop the next one.
        Assert.DoesNotContain(".lock", Directory.EnumerateFiles(folder["a"]).Select(Path.GetFileName));
        using var next = AblationSession.Open(AblationStudy.Read(Study, "study.json").WithData(folder["text.txt"]), folder["a"]);
    }

    [Theory]
    [InlineData("\"small\"", "\"Small\"", "name is \"Small\"; it is made of small letters, digits and hyphens.")]
    [InlineData("[1, 2]", "[1]", "seeds: give at least two, all different")]
    [InlineData("[1, 2]", "[2, 2]", "seeds: give at least two, all different")]
    [InlineData("[16, 32]", "[1]", "lengths has 1; a window has at least 2 tokens.")]
    [InlineData("\"linear\",", "\"rotary!\",", "variants: the name \"rotary\" is not of its own")]
    [InlineData("\"against\": \"Learned!\"", "\"against\": \"learned\"", "variants: LayerNorm is compared with \"learned\", which is no other variant. Did you mean Learned!?")]
    [InlineData("\"norm\": \"layer-norm\"", "\"norms\": \"layer-norm\"", "variants: LayerNorm: run: Unknown setting model.norms. Did you mean model.norm?")]
    [InlineData("{ \"norm\": \"layer-norm\" }", "{ \"context_length\": 8 }", "variants: LayerNorm trains on 96 tokens and rotary on 192")]
    [InlineData("\"model\": { \"norm\": \"layer-norm\" }", "\"tokenizer\": { \"kind\": \"bpe\" }", "variants: LayerNorm has another text or tokenizer than rotary")]
    [InlineData("\"scaling\": { \"kind\": \"linear\", \"factor\": 2 }", "\"kind\": \"learned\"", "variants: linear: read changes the model's weights")]
    [InlineData("\"seeds\"", "\"seed\"", "unknown field seed. Did you mean seeds?")]
    [InlineData("\"factor\": 2", "\"factor\": 0.5", "model.positions.scaling.factor is 0.5; it must be at least 1.")]
    public void What_is_wrong_with_a_study_is_said_in_a_sentence(string old, string now, string message)
    {
        var json = Study.Replace(old, now, StringComparison.Ordinal);
        Assert.NotEqual(Study, json);
        var error = Assert.Throws<ConfigurationException>(() => AblationStudy.Read(json, "study.json"));
        Assert.StartsWith("study.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.05, 1, 12.7062)]
    [InlineData(0.05, 2, 4.30265)]
    [InlineData(0.05, 10, 2.22814)]
    [InlineData(0.01, 30, 2.75)]
    public void Students_bound_is_that_of_the_tables(double probability, double degrees, double bound) => Assert.Equal(bound, Tails.StudentTBound(probability, degrees), 5e-5);

    [Fact]
    public void A_mean_of_three_has_students_interval()
    {
        var interval = MeanInterval.Of([1, 2, 3]);
        Assert.Equal(2, interval.Mean);
        Assert.Equal(2 - 4.30265 / Math.Sqrt(3), interval.Low, 1e-4);
        Assert.Equal(2 + 4.30265 / Math.Sqrt(3), interval.High, 1e-4);
        Assert.Equal(double.NegativeInfinity, MeanInterval.Of([1]).Low);
        Assert.True(double.IsNaN(MeanInterval.Of([]).Mean));
    }

    [Fact]
    public void A_table_says_what_the_test_says_and_who_diverged()
    {
        var study = AblationStudy.Read(Study.Replace("[1, 2]", "[1, 2, 3]", StringComparison.Ordinal), "study.json");
        AblationResult[] results =
        [
            .. Results("rotary", 2.0, 2.1, 2.2), .. Results("Learned!", 1.9, 2.01, 2.08), .. Results("linear", 2.01, 2.08, 2.22), .. Results("LayerNorm", 2.5, null, 2.6),
        ];
        var rows = AblationRow.Table(study, results);
        Assert.Equal(["", "better", "no difference shown", "worse"], rows.Select(row => row.Verdict));
        Assert.Equal(-0.103333, rows[1].Difference!.Value.Mean, 1e-5);
        Assert.Equal((rows[1].Test!.Value.PValue < 0.05, rows[2].Test!.Value.PValue < 0.05), (rows[1].Difference!.Value.High < 0, rows[2].Difference!.Value.Low > 0));
        Assert.Equal(("Learned!", 1, 2), (rows[3].Against!.Name, rows[3].Diverged, rows[3].Readings[0].Count));
        Assert.Contains("<svg", AblationFigure.Of(study, rows).ToSvg(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Files))]
    public async Task The_studies_of_the_documentation_compare_like_with_like(string file)
    {
        var run = await CommandLineRun.Of("ablate", Path.Combine(Repository.Root, file), "--dry-run", "--json");
        Assert.True(run.Code == 0, run.Error);
        var plans = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToArray();
        var study = AblationStudy.Read(Repository.Read(file), file);
        Assert.Single(plans.Select(plan => (long)plan["tokens"]!).Distinct());
        if (study.Question.Contains("as many weights", StringComparison.Ordinal)) Assert.InRange(plans.Max(plan => (double)plan["parameters"]!) / plans.Min(plan => (double)plan["parameters"]!), 1, 1.005);
        if (study.Question.Contains("as many operations", StringComparison.Ordinal)) Assert.InRange(plans.Max(plan => (double)plan["flops_per_token"]!) / plans.Min(plan => (double)plan["flops_per_token"]!), 1, 1.02);
    }

    private static double Seed(JsonNode record, string seed) => (double)record["seeds"]![seed]!;

    private static IEnumerable<AblationResult> Results(string variant, params double?[] bits) => bits.Select((value, i) => new AblationResult
    {
        Variant = variant,
        Seed = (ulong)i + 1,
        Parameters = 1,
        FlopsPerToken = 1,
        Tokens = 1,
        Seconds = 1,
        Failure = value is null ? "not finite" : null,
        Readings = [new(16, value), new(32, value)],
    });

    private static async Task<JsonNode[]> Records(TemporaryFolder folder, string target, params string[] more)
    {
        var run = await CommandLineRun.Of(["ablate", folder["study.json"], "--data", folder["text.txt"], "--out", folder[target], "--threads", "1", "--json", .. more]);
        Assert.True(run.Code == 0, run.Error);
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }
}
