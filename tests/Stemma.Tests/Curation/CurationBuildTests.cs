using System.Security.Cryptography;
using Stemma.Curation;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Curation;

/// <summary>The same recipe gives the same bytes: with any number of threads, stopped anywhere, and every token knows where it is from.</summary>
public sealed class CurationBuildTests
{
    private static CurationRecipe Recipe(TemporaryFolder folder, double? weight = null) => new()
    {
        Inputs =
        [
            new() { Path = folder["a.jsonl"], Format = new JsonLinesFormat { Name = "id" }, Weight = weight },
            new() { Path = folder["b.txt"], Format = new ParagraphsFormat(), Weight = weight is null ? null : 1, Epochs = weight is null ? 2.5 : null },
        ],
        Steps =
        [
            new NormalizeStep(), new QualityStep { Rules = ["gopher_word_length", "gopher_stop_words"] }, new PersonalDataStep(), new ExactDuplicatesStep(),
            new NearDuplicatesStep(), new RepeatedSubstringsStep { Words = 20 },
        ],
        Tokenizer = new BpeTokenizerConfig { VocabSize = 400 },
        Shards = new() { PartBytes = 8_000, TextBytes = 60_000, ValidationFraction = 0.1 },
        Seed = 7,
    };

    private static void WriteInputs(TemporaryFolder folder)
    {
        var random = new Random(3);
        var texts = Enumerable.Range(0, 150).Select(i => (Id: $"a{i}", Text: SmallCorpus.Paragraph(random, 3 + i % 7))).ToList();
        texts.Insert(40, ("garbage", string.Concat(Enumerable.Repeat("xqzxqzxqzxqzxqz ", 60))));
        texts.Insert(60, ("copy", texts[10].Text));
        texts.Insert(70, ("near", texts[20].Text + " And one more sentence of six words."));
        texts.Insert(80, ("mail", "Write to some.one@example.com about the garden and the river that have been with us. " + texts[30].Text));
        SmallCorpus.WriteJsonLines(folder["a.jsonl"], texts);
        File.AppendAllText(folder["a.jsonl"], "{broken\n");
        File.WriteAllText(folder["b.txt"], string.Join("\n\n", Enumerable.Range(0, 60).Select(_ => SmallCorpus.Paragraph(random, 4))));
    }

    [Fact]
    public void Two_processes_do_not_build_in_one_folder()
    {
        using var folder = new TemporaryFolder();
        WriteInputs(folder);
        using (FolderLock.Take(folder["built"]))
        {
            var error = Assert.Throws<ConfigurationException>(() => CurationBuild.Run(Recipe(folder), folder["built"]));
            Assert.Contains("is in use", error.Message, StringComparison.Ordinal);
        }

        Assert.False(FolderLock.HoldsAnything(folder["built"]));
    }

    [Fact]
    public void Bytes_do_not_depend_on_threads_or_on_where_a_build_was_stopped()
    {
        using var folder = new TemporaryFolder();
        WriteInputs(folder);
        var recipe = Recipe(folder);
        var whole = CurationBuild.Run(recipe, folder["whole"], new() { Threads = 1 });
        Assert.Empty(whole.Verify());
        // Held out by chance: documents of all lengths.
        Assert.InRange(whole.HeldOutLengths()!.Value.PValue, 0.01, 1);
        Assert.False(Directory.Exists(Path.Combine(folder["whole"], "work")));
        var expected = Hashes(folder["whole"]);

        CurationBuild.Run(recipe, folder["threads"], new() { Threads = 4, MemoryBytes = 1000 });
        Assert.Equal(expected, Hashes(folder["threads"]));

        // Stopped at every so many reports of progress, which come from all stages.
        for (var stop = 1; ; stop += 3)
        {
            using var cancellation = new CancellationTokenSource();
            var progress = new StopAfter(stop, cancellation);
            try
            {
                CurationBuild.Run(recipe, folder["stopped"], new() { Threads = 2, Progress = progress }, cancellation.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                Assert.True(stop < 1000);
            }
        }

        Assert.Equal(expected, Hashes(folder["stopped"]));
        // Once more over what is whole changes nothing.
        CurationBuild.Run(recipe, folder["stopped"]);
        Assert.Equal(expected, Hashes(folder["stopped"]));
    }

    [Fact]
    public void Steps_count_what_they_do_and_tokens_know_where_they_are_from()
    {
        using var folder = new TemporaryFolder();
        WriteInputs(folder);
        var built = CurationBuild.Run(Recipe(folder), folder["built"]);
        var report = built.Report;
        Assert.Equal([154L, 60L], report.Reading.Select(input => input.Documents));
        Assert.Equal((1L, "line 155: it is not JSON (byte 1)"), (report.Reading[0].Broken, report.Reading[0].Problems.Single().Reason));
        for (var i = 1; i < report.Steps.Count; i++) Assert.Equal((report.Steps[i - 1].DocumentsOut, report.Steps[i - 1].BytesOut), (report.Steps[i].DocumentsIn, report.Steps[i].BytesIn));
        Assert.Equal(report.Steps[1].DocumentsIn - 1, report.Steps[1].DocumentsOut);
        Assert.Equal(1, report.Steps[2].Counts["email"]);
        Assert.Equal("copy", report.Steps[3].Samples.Single().Name);
        Assert.Equal(["mail", "near"], report.Steps[4].Samples.Select(sample => sample.Name).Order());

        // b comes two and a half times, but for what is held out.
        var copies = built.Manifest.Shards.Where(shard => !shard.HeldOut).SelectMany(shard => File.ReadLines(Path.Combine(built.Path, shard.DocumentsPath))).Count(line => line.Contains("\"input\":1", StringComparison.Ordinal));
        Assert.InRange(copies, 100, 160);
        Assert.True(built.Manifest.Shards.Count(shard => !shard.HeldOut) > 1);

        // Every token of a shard leads to a document whose text is there.
        var texts = File.ReadAllText(folder["b.txt"]);
        var shard = built.Shards(heldOut: false)[0];
        using var tokens = Stemma.Text.Shards.TokenShard.Open(shard);
        for (var offset = 0L; offset < tokens.Length; offset += 997)
        {
            var trace = CuratedFolder.Trace(shard, offset);
            Assert.InRange(offset, trace.Start, trace.End - 1);
            var ids = new int[trace.End - trace.Start - 1];
            tokens.Read(trace.Start, ids);
            var text = built.Tokenizer().Decode(ids);
            Assert.Equal(trace.Document.Bytes, System.Text.Encoding.UTF8.GetByteCount(text));
            if (trace.Document.File == "b.txt" && trace.Document.ChangedBy.Count == 0) Assert.Contains(text, texts, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Weights_are_shares_of_the_bytes()
    {
        using var folder = new TemporaryFolder();
        WriteInputs(folder);
        var built = CurationBuild.Run(Recipe(folder, weight: 0.5) with { Shards = new() { PartBytes = 8_000, ValidationFraction = 0 } }, folder["built"]);
        var lines = built.Manifest.Shards.SelectMany(shard => File.ReadLines(Path.Combine(built.Path, shard.DocumentsPath))).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement).ToList();
        var bytes = lines.GroupBy(line => line.GetProperty("input").GetInt32()).ToDictionary(group => group.Key, group => group.Sum(line => line.GetProperty("bytes").GetInt64()));
        Assert.InRange((double)bytes[0] / bytes[1], 0.4, 0.6);
        Assert.Equal(lines.Count, lines.Select(line => line.GetProperty("name").GetString()).Distinct().Count());
    }

    [Theory]
    [InlineData("""{"inputs":[{"path":"x","colour":1}]}""", "unknown field inputs[0].colour. Fields here: path, format, weight, epochs, record_bytes")]
    [InlineData("""{"inputs":[{"path":"x"}],"steps":[{"kind":"qualty"}]}""", "Did you mean quality?")]
    [InlineData("""{"inputs":[{"path":"x"}],"steps":[{"rules":["c4"]}]}""", "steps[0] does not say its kind: one of html_text")]
    [InlineData("""{"inputs":[{"path":"x"}],"steps":[{"kind":"quality","rules":["gopher_words"]}]}""", "steps[0].rules names \"gopher_words\"")]
    [InlineData("""{"inputs":[{"path":"x","weight":1,"epochs":2}]}""", "has both weight and epochs")]
    [InlineData("""{"inputs":[{"path":"x","weight":1},{"path":"y"}]}""", "inputs[0] has a weight and inputs[1] has none")]
    [InlineData("""{"inputs":[{"path":"x.html"}]}""", "holds HTML, and no step turns it into text")]
    [InlineData("""{"inputs":[{"path":"x"}],"steps":[{"kind":"quality"},{"kind":"html_text"}]}""", "put html_text first")]
    [InlineData("""{"inputs":[{"path":"x"}],"steps":[{"kind":"perplexity","model":"m","reference":{"path":"y"}}]}""", "both a model and a reference")]
    [InlineData("""{"inputs":[{"path":"x"}],"steps":[{"kind":"near_duplicates","bands":2,"rows":20}]}""", "Use more bands or fewer rows")]
    [InlineData("""{"inputs":[{"path":"x"}],"steps":[{"kind":"language","keep":["english"]}]}""", "Languages: cs, de, en")]
    [InlineData("""{"inputs":[{"path":"x"}],"seed":"many"}""", "the value of seed is of the wrong type")]
    [InlineData("""{"inputs":[]}""", "inputs is empty")]
    [InlineData("""{"inputs":""", "recipe.json is not JSON (line 1)")]
    public void Recipes_that_cannot_be_say_why(string json, string reason)
    {
        var error = Assert.Throws<ConfigurationException>(() => CurationRecipe.Parse(json, "recipe.json"));
        Assert.StartsWith("recipe.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_that_hold_something_else_are_left_alone()
    {
        using var folder = new TemporaryFolder();
        WriteInputs(folder);
        Directory.CreateDirectory(folder["full"]);
        File.WriteAllText(Path.Combine(folder["full"], "mine.txt"), "mine");
        Assert.Contains("is not empty", Assert.Throws<ConfigurationException>(() => CurationBuild.Run(Recipe(folder), folder["full"])).Message, StringComparison.Ordinal);
        var missing = Recipe(folder) with { Inputs = [new() { Path = folder["nowhere.txt"] }] };
        Assert.Throws<FileNotFoundException>(() => CurationBuild.Run(missing, folder["new"]));
        Assert.False(Directory.Exists(folder["new"]));
        CurationBuild.Run(Recipe(folder), folder["built"]);
        Assert.Contains("another recipe", Assert.Throws<ConfigurationException>(() => CurationBuild.Run(Recipe(folder) with { Seed = 8 }, folder["built"])).Message, StringComparison.Ordinal);
    }

    private static SortedDictionary<string, string> Hashes(string folder)
    {
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            if (Path.GetFileName(file) != "timings.json") hashes[Path.GetRelativePath(folder, file)] = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
        return hashes;
    }

    private sealed class StopAfter(int reports, CancellationTokenSource cancellation) : IProgress<CurationProgress>
    {
        private int _seen;

        public void Report(CurationProgress value)
        {
            if (Interlocked.Increment(ref _seen) == reports) cancellation.Cancel();
        }
    }
}
