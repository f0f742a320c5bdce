using System.Diagnostics;
using System.Globalization;
using Stemma.Curation;
using Stemma.Reporting;

namespace Stemma.Bench.Curation;

/// <summary>
/// `data-memory`: a synthetic stream, written to a file of JSON Lines, goes through a whole build of shards in a process of its own, whose resident memory
/// is taken every second: it should not grow with what was read. Shows it by stage and draws it; a build that was stopped is gone on with.
/// </summary>
internal static class BuildMemoryBench
{
    private const long PartBytes = 8 << 20;

    private static readonly string Recipe = $$"""
        {
          "inputs": [{ "path": "STREAM", "format": { "kind": "jsonl" } }],
          "steps": [
            STEPS
          ],
          "tokenizer": { "kind": "bpe", "vocab_size": 4096 },
          "shards": { "part_bytes": {{PartBytes}}, "text_bytes": 16777216, "tokenizer_bytes": 4194304, "validation_fraction": 0.001 }
        }
        """;

    // What judges languages, repeated runs and runs of words costs many times all else.
    private const string QuickSteps = """
        { "kind": "normalize" },
            { "kind": "quality", "rules": ["gopher_word_count", "gopher_word_length", "gopher_symbols", "gopher_bullets", "gopher_ellipses", "gopher_stop_words", "fineweb_short_lines"] },
            { "kind": "personal_data" },
            { "kind": "exact_duplicates" },
            { "kind": "near_duplicates" }
        """;

    private const string AllSteps = """
        { "kind": "normalize" },
            { "kind": "language", "keep": ["en"] },
            { "kind": "quality", "rules": ["gopher", "fineweb"], "except": ["gopher_alphabetic", "fineweb_line_ends"] },
            { "kind": "perplexity" },
            { "kind": "personal_data" },
            { "kind": "contamination", "sets": [{ "path": "EVALUATION", "format": { "kind": "lines" } }] },
            { "kind": "exact_duplicates" },
            { "kind": "near_duplicates" },
            { "kind": "repeated_substrings" }
        """;

    public static int Run(string[] args)
    {
        if (args is ["build", var recipe, var target, var count]) return Build(recipe, target, int.Parse(count, CultureInfo.InvariantCulture));
        var options = new Options(args);
        var (megabytes, threads, seed) = (options.Number("--megabytes", 5000), options.Number("--threads", 1), (ulong)options.Number("--seed", 1));
        var (folder, steps, figure) = (options.Text("--out", "data-memory"), options.Text("--steps", "quick"), options.Text("--figure", ""));
        options.RequireAllUsed();
        Directory.CreateDirectory(folder);
        var stream = Path.Combine(folder, "stream.jsonl");
        if (!File.Exists(stream)) Write(stream, megabytes * 1_000_000L, seed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stream}: {new FileInfo(stream).Length / 1e6:N0} MB of JSON Lines"));

        var evaluation = Path.Combine(folder, "evaluation.txt");
        File.WriteAllText(evaluation, "none of the documents of a synthetic stream is likely to hold these very words in a row\n");
        var recipePath = Path.Combine(folder, "recipe.json");
        File.WriteAllText(recipePath, Recipe.Replace("STEPS", steps == "all" ? AllSteps : QuickSteps).Replace("STREAM", Path.GetFullPath(stream)).Replace("EVALUATION", Path.GetFullPath(evaluation)));
        var samples = Watch(recipePath, Path.Combine(folder, "built"), threads, Path.Combine(folder, "memory.tsv"));
        Show(samples);
        if (figure.Length > 0) Draw(samples, megabytes, figure);
        return 0;
    }

    private static void Write(string path, long length, ulong seed)
    {
        using (var file = File.Create(path + ".tmp"))
        using (var made = new SyntheticStream(length, seed)) made.CopyTo(file, 1 << 16);
        File.Move(path + ".tmp", path);
    }

    // The process that is watched. It tells what it does, and nothing else.
    private static int Build(string recipe, string target, int threads)
    {
        var told = new Told();
        CurationBuild.Run(CurationRecipe.Parse(File.ReadAllText(recipe), recipe), target, new CurationOptions { Threads = threads, MemoryBytes = 32 << 20, Progress = told });
        return 0;
    }

    private static List<Sample> Watch(string recipe, string target, int threads, string record)
    {
        string[] host = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(BuildMemoryBench).Assembly.Location] : [];
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. host, "data-memory", "build", recipe, target, threads.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        var (stage, done, gate) = ("Starting", 0, new Lock());
        var telling = Task.Run(() =>
        {
            while (process.StandardOutput.ReadLine()?.Split('\t') is [var name, var parts])
                lock (gate) (stage, done) = (name, int.Parse(parts, CultureInfo.InvariantCulture));
        });
        // What an earlier, stopped turn saw belongs to the whole.
        List<Sample> samples = File.Exists(record) ? [.. File.ReadLines(record).Select(Sample.Parse)] : [];
        var before = samples.Count;
        using var lines = new StreamWriter(record, append: true) { AutoFlush = true };
        for (var watch = Stopwatch.StartNew(); !process.WaitForExit(1000);)
        {
            process.Refresh();
            Sample sample;
            try
            {
                lock (gate) sample = new(before + watch.Elapsed.TotalSeconds, stage, done * (double)PartBytes / 1e9, process.WorkingSet64 / 1e6);
            }
            catch (InvalidOperationException)
            {
                break;
            }

            samples.Add(sample);
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sample.Seconds:0}\t{sample.Stage}\t{sample.Gigabytes:0.000}\t{sample.Megabytes:0.0}"));
        }

        process.WaitForExit();
        telling.Wait();
        return process.ExitCode == 0 ? samples : throw new InvalidOperationException($"The build ended with exit code {process.ExitCode}; the same command goes on with it.");
    }

    private static void Show(List<Sample> samples)
    {
        Console.WriteLine("| stage | seconds | median MB | most MB |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var stage in samples.GroupBy(sample => sample.Stage))
        {
            double[] sorted = [.. stage.Select(sample => sample.Megabytes).Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {stage.Key} | {stage.Max(sample => sample.Seconds) - stage.Min(sample => sample.Seconds) + 1:N0} | {sorted[sorted.Length / 2]:0} | {sorted[^1]:0} |"));
        }

        Console.WriteLine("| read, GB | median MB | most MB |");
        Console.WriteLine("|---|---|---|");
        foreach (var step in samples.Where(sample => sample.Stage == "Reading").GroupBy(sample => Math.Floor(sample.Gigabytes * 4)))
        {
            double[] sorted = [.. step.Select(sample => sample.Megabytes).Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {step.Key / 4:0.00}–{(step.Key + 1) / 4:0.00} | {sorted[sorted.Length / 2]:0} | {sorted[^1]:0} |"));
        }
    }

    private static void Draw(List<Sample> samples, int megabytes, string path)
    {
        var reading = samples.Where(sample => sample.Stage == "Reading").ToList();
        var stride = Math.Max(1, reading.Count / 600);
        new Chart
        {
            Title = "Resident memory while a stream is read",
            Subtitle = string.Create(CultureInfo.InvariantCulture, $"a build of shards from {megabytes:N0} MB of JSON Lines, taken every second"),
            X = new LinearAxis("read (GB)") { Minimum = 0 },
            Y = new LinearAxis("resident (MB)") { Minimum = 0 },
            Series = [new LineSeries("process", [.. reading.Where((_, i) => i % stride == 0).Select(sample => new ChartPoint(sample.Gigabytes, sample.Megabytes))])],
        }.SaveSvg(path);
    }

    private readonly record struct Sample(double Seconds, string Stage, double Gigabytes, double Megabytes)
    {
        public static Sample Parse(string line)
        {
            var fields = line.Split('\t');
            double Number(int field) => double.Parse(fields[field], CultureInfo.InvariantCulture);
            return new(Number(0), fields[1], Number(2), Number(3));
        }
    }

    private sealed class Told : IProgress<CurationProgress>
    {
        private readonly Lock _gate = new();

        public void Report(CurationProgress value)
        {
            lock (_gate)
            {
                Console.Out.WriteLine($"{value.Stage}\t{value.Parts}");
                Console.Out.Flush();
            }
        }
    }
}
