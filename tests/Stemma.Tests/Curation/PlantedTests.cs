using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Stemma.Curation;
using Stemma.Tests.Text;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Curation;

/// <summary>
/// What is planted is found, and little else: recall and precision of at least 0.95 for every kind, near duplicates judged by their true
/// similarity. STEMMA_PLANTED=folder makes it the full run: all of dotnet-docs and of the test data, 400 of each kind; a report stays in the folder.
/// </summary>
public sealed class PlantedTests
{
    private const double Band = 0.95;

    private static string? FullRun => Environment.GetEnvironmentVariable("STEMMA_PLANTED");

    [Fact]
    public void What_is_planted_is_found_and_little_else()
    {
        var full = FullRun is not null;
        var prose = Prose(full ? int.MaxValue : 500);
        var german = Lines("multi30k", "train.de.gz").Take(2000).ToList();
        var japanese = Paragraphs("texts", "wagahaiwa_nekodearu.ja.txt.gz").Where(text => text.Length > 200).Take(400).ToList();
        var evaluation = Lines("lambada", "lambada_test.jsonl.gz").Take(600).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!).ToList();
        var planted = new PlantedCorpus(prose, german, japanese, evaluation, full ? 400 : 60, seed: 11);
        using var folder = new TemporaryFolder();
        SmallCorpus.WriteJsonLines(folder["documents.jsonl"], planted.Documents);
        SmallCorpus.WriteJsonLines(folder["pages.jsonl"], planted.Pages);
        File.WriteAllText(folder["words.txt"], $"# what no document may hold\n{string.Join('\n', PlantedCorpus.UnsafeWords)}\ngrumble\n");
        var named = new JsonLinesFormat { Name = "id" };
        List<RecipeInput> inputs = [new() { Path = folder["documents.jsonl"], Format = named }, new() { Path = folder["pages.jsonl"], Format = named with { Html = true } }];
        if (full) inputs.AddRange(AllData());
        var recipe = new CurationRecipe
        {
            Inputs = inputs,
            Steps =
            [
                new HtmlTextStep(), new NormalizeStep(), new LanguageStep(),
                new QualityStep { Rules = ["gopher_word_length", "gopher_symbols", "gopher_top_2gram", "gopher_top_3gram", "gopher_top_4gram"] },
                new PerplexityStep { Reference = new() { Path = "dotnet-docs" } }, new PersonalDataStep(),
                new ContaminationStep { Sets = [new() { Path = TextData.Shared("lambada", "lambada_test.jsonl.gz"), Format = new JsonLinesFormat() }] },
                new SafetyStep { Words = folder["words.txt"] },
                new ExactDuplicatesStep(), new NearDuplicatesStep(),
            ],
            Tokenizer = new BpeTokenizerConfig { VocabSize = full ? 4096 : 400 },
            Shards = new() { PartBytes = full ? 4 << 20 : 100_000, ValidationFraction = 0 },
        };
        var dropped = new ConcurrentDictionary<(string Name, int Step), string>();
        var built = CurationBuild.Run(recipe, folder["built"], new() { KeepWork = true, Dropped = (step, document, rule) => dropped[(document.Name, step)] = rule });
        var lines = new List<string>();
        var steps = dropped.Keys.GroupBy(key => key.Name).ToDictionary(group => group.Key, group => group.Min(key => key.Step));

        // Of the documents of a kind that reached a step, how many it dropped; and of what it dropped, how much it should have.
        void Judge(string kind, Func<string, bool> isPlanted, Func<string, bool> isRight, params int[] judged)
        {
            var reached = planted.Documents.Where(document => isPlanted(document.Id) && steps.GetValueOrDefault(document.Id, int.MaxValue) >= judged[0]).Select(document => document.Id).ToHashSet();
            var taken = steps.Where(drop => judged.Contains(drop.Value) && IsKnown(drop.Key)).Select(drop => drop.Key).ToHashSet();
            Report(kind, taken.Count(reached.Contains), reached.Count, taken.Count(isRight), taken.Count);
        }

        void Report(string kind, int found, int there, int right, int taken)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"| {kind} | {there:N0} | {found / (double)there:0.000} | {(taken == 0 ? 1 : right / (double)taken):0.000} |"));
            if (there == 0 || found < Band * there || right < Band * taken) lines.Add($"**{kind} misses its band**");
        }

        // What is in no language at all is not in English either.
        Func<string, Func<string, bool>> of = prefix => id => id.StartsWith(prefix, StringComparison.Ordinal);
        Judge("wrong language", of("language-"), id => of("language-")(id) || of("garbage-")(id), 2);
        Judge("garbage", of("garbage-"), id => of("language-")(id) || of("garbage-")(id), 2, 3, 4);
        Judge("contaminated", of("contaminated-"), of("contaminated-"), 6);
        Judge("unsafe", of("unsafe-"), of("unsafe-"), 7);
        Judge("exact duplicates", of("exact-"), of("exact-"), 8);

        var texts = Texts(built);
        var boilerplate = planted.Blocks.Where(page => texts.ContainsKey(page.Key)).Select(page => (Text: texts[page.Key], page.Value)).ToList();
        var (removed, mainRemoved) = (boilerplate.Sum(page => page.Value.Boilerplate.Count(block => !page.Text.Contains(block, StringComparison.Ordinal))), boilerplate.Sum(page => page.Value.Main.Count(block => !page.Text.Contains(block, StringComparison.Ordinal))));
        Report("boilerplate (blocks)", removed, boilerplate.Sum(page => page.Value.Boilerplate.Count), removed, removed + mainRemoved);

        var personal = planted.PersonalItems.Where(document => texts.ContainsKey(document.Key)).Select(document => (Text: texts[document.Key], document.Value)).ToList();
        var (gone, decoysGone) = (personal.Sum(document => document.Value.Items.Count(item => !document.Text.Contains(item, StringComparison.Ordinal))), personal.Sum(document => document.Value.Decoys.Count(decoy => !document.Text.Contains(decoy, StringComparison.Ordinal))));
        Report("personal data (items)", gone, personal.Sum(document => document.Value.Items.Count), gone, gone + decoysGone);

        NearDuplicates(planted, built, lines);
        foreach (var rule in dropped.Where(drop => drop.Key.Name.StartsWith("good-", StringComparison.Ordinal)).GroupBy(drop => $"{recipe.Steps[drop.Key.Step].Kind}: {drop.Value}")) lines.Add($"Good documents dropped by {rule.Key}: {rule.Count()}");
        foreach (var line in lines) TestContext.Current.TestOutputHelper?.WriteLine(line);
        if (FullRun is { } target) Keep(target, built, lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("**", StringComparison.Ordinal));

        bool IsKnown(string name) => name.Split('-') is [("good" or "exact" or "near" or "personal" or "page" or "language" or "garbage" or "contaminated" or "unsafe"), _];
    }

    // The true similarity of every pair of a variant and its original, and of every pair that was joined.
    private static void NearDuplicates(PlantedCorpus planted, CuratedFolder built, List<string> lines)
    {
        var pass = Path.Combine(built.Path, "work", "01");
        var documents = new Dictionary<long, (string Name, string Text)>();
        for (var part = 0; File.Exists(Path.Combine(pass, $"{part:000000}.part")); part++)
            foreach (var document in DocumentFile.Read(Path.Combine(pass, $"{part:000000}.part"), part, PartWork.Report(Path.Combine(pass, $"{part:000000}.part")).Sha256)) documents[document.Id] = (document.Name, document.Text);
        var kept = DropList.Read(Path.Combine(built.Path, "work", "02", "decision")).ToDictionary(pair => pair.Dropped, pair => pair.Kept);
        long GroupOf(long id) => kept.GetValueOrDefault(id, id);
        var byName = documents.GroupBy(document => document.Value.Name).ToDictionary(group => group.Key, group => group.First());
        var byText = documents.GroupBy(document => document.Value.Text).ToDictionary(group => group.Key, group => group.First().Key);
        var (bins, found) = (new int[2], new int[2]);
        foreach (var (original, id, text) in planted.Variants)
        {
            if (!byName.TryGetValue(id, out var variant) || !byText.TryGetValue(original, out var other)) continue;
            var bin = MinHash.Jaccard(original, variant.Value.Text, 5) switch { >= 0.8 => 0, >= 0.7 => 1, _ => -1 };
            if (bin < 0) continue;
            bins[bin]++;
            if (GroupOf(variant.Key) == GroupOf(other)) found[bin]++;
        }

        var reported = kept.Select(pair => MinHash.Jaccard(documents[pair.Key].Text, documents[pair.Value].Text, 5)).ToList();
        var right = reported.Count(similarity => similarity >= 0.6);
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"| near duplicates, similarity ≥ 0.8 | {bins[0]:N0} | {found[0] / (double)bins[0]:0.000} | |"));
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"| near duplicates, 0.7 to 0.8 | {bins[1]:N0} | {found[1] / (double)bins[1]:0.000} | |"));
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"| reported pairs at 0.6 and more | {reported.Count:N0} | | {right / (double)reported.Count:0.000} |"));
        if (found[0] < 0.95 * bins[0] || found[1] < 0.85 * bins[1] || right < 0.95 * reported.Count) lines.Add("**near duplicates miss their band**");
    }

    // As the steps that judge a document by itself left them.
    private static Dictionary<string, string> Texts(CuratedFolder built)
    {
        var texts = new Dictionary<string, string>();
        string Part(int number) => Path.Combine(built.Path, "work", "00", $"{number:000000}.part");
        for (var part = 0; File.Exists(Part(part)); part++)
            foreach (var document in DocumentFile.Read(Part(part), part, PartWork.Report(Part(part)).Sha256)) texts[document.Name] = document.Text;
        return texts;
    }

    private static void Keep(string target, CuratedFolder built, List<string> lines)
    {
        Directory.CreateDirectory(target);
        foreach (var (name, figure) in CurationFigures.Of(built)) figure.SaveSvg(Path.Combine(target, name));
        File.WriteAllLines(Path.Combine(target, "planted.md"), lines);
        foreach (var file in (string[])["report.json", "manifest.json", "timings.json", "recipe.json"]) File.Copy(Path.Combine(built.Path, file), Path.Combine(target, file), overwrite: true);
        var speeds = built.Speeds!.Zip(["", .. built.Report.Steps.Select(step => $"{step.DocumentsIn:N0} | {step.DocumentsOut:N0} | {step.BytesIn / 1e6:0.0} | {step.BytesOut / 1e6:0.0}")]);
        File.WriteAllLines(Path.Combine(target, "steps.md"), speeds.Select(pair => string.Create(CultureInfo.InvariantCulture, $"| {pair.First.Kind} | {pair.Second} | {pair.First.MegabytesPerSecond:0.0} |")));
    }

    private static IEnumerable<RecipeInput> AllData()
    {
        yield return new() { Path = "dotnet-docs" };
        var root = TextData.Shared();
        var formats = new Dictionary<string, InputFormat> { ["instruct"] = new LinesFormat(), ["toolcall"] = new LinesFormat() };
        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(root, file).Replace('\\', '/');
            if (name.StartsWith("tokenizers/", StringComparison.Ordinal) || name.StartsWith("lambada/", StringComparison.Ordinal) || name.Contains("LICENSE", StringComparison.Ordinal)) continue;
            var bare = name.EndsWith(".gz", StringComparison.Ordinal) ? name[..^3] : name;
            InputFormat format = Path.GetExtension(bare) switch
            {
                ".jsonl" => new JsonLinesFormat { Fields = ["text", "question", "prompt", "instruction", "answer"] },
                ".csv" when bare.StartsWith("ag_news", StringComparison.Ordinal) => new CsvFormat { Heading = false, Columns = ["3"] },
                ".csv" => new CsvFormat { Heading = false, Columns = ["1", "2"] },
                ".tsv" => new TsvFormat { Heading = false, Columns = ["1"] },
                _ when bare.StartsWith("texts/", StringComparison.Ordinal) || bare.StartsWith("tiny", StringComparison.Ordinal) => new ParagraphsFormat(),
                _ => new LinesFormat(),
            };
            yield return new() { Path = file, Format = format };
        }
    }

    private static List<string> Prose(int most)
    {
        var texts = Lines("wikitext-2", "test.txt.gz").Concat(Lines("wikitext-2", "valid.txt.gz")).Where(line => !line.TrimStart().StartsWith('='))
            .Concat(Paragraphs("texts", "botchan.txt")).Concat(Paragraphs("tinystories", "tinystories-sample.txt")).Select(text => text.Trim());
        return [.. texts.Where(text => text.Split(' ').Length is >= 80 and <= 600).Distinct().Take(most)];
    }

    private static IEnumerable<string> Lines(params string[] parts)
    {
        var path = TextData.Shared(parts);
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line) yield return line;
    }

    private static IEnumerable<string> Paragraphs(params string[] parts)
    {
        var text = new StringBuilder();
        foreach (var line in Lines(parts).Append(""))
        {
            if (line.Trim().Length > 0)
            {
                text.Append(text.Length > 0 ? " " : "").Append(line.Trim());
                continue;
            }

            if (text.Length > 0) yield return text.ToString();
            text.Clear();
        }
    }
}
