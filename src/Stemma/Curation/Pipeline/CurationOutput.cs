using System.Text.Json;
using Stemma.Numerics.Formats;
using Stemma.Text;
using Stemma.Text.Tokenizers;

namespace Stemma.Curation;

/// <summary>The end of a build: from the documents of the last pass to the tokenizer, the shards and the manifest.</summary>
internal sealed class CurationOutput(BuildFolder build)
{
    private readonly BuildFolder _build = build;

    /// <summary>Shuffles, trains the tokenizer, writes shards and at last the manifest.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="prepared">What steps have prepared.</param>
    /// <param name="results">What the passes left.</param>
    public void Write(List<InputArtefact> inputs, List<Artefact> prepared, PassResults results)
    {
        var (passes, steps, reading, parts) = results;
        var last = passes.Count - 1;
        var bytes = new long[_build.Recipe.Inputs.Count];
        for (var part = 0; part < parts; part++)
            foreach (var (input, count) in PartWork.Report(_build.Part(last, part)).Bytes.Index()) bytes[input] += count;
        AtomicFile.WriteText(_build.In(CuratedFolder.ReportFile), JsonSerializer.Serialize(new CurationReport { Reading = reading, Steps = steps }, StemmaJson.Default.CurationReport) + "\n");
        if (bytes.Sum() == 0) throw new TextFormatException($"The steps left no text: {Story(reading, steps)}. {_build.In(CuratedFolder.ReportFile)} has the details.");
        var epochs = Mixture.Epochs(_build.Recipe.Inputs, bytes);
        var whole = bytes.Select((count, input) => count * epochs[input]).Sum();
        var shuffle = new Shuffle(Buckets(whole), _build.Recipe.Shards.ValidationFraction > 0 ? Buckets(whole * _build.Recipe.Shards.ValidationFraction) : 0, epochs, _build.Recipe.Shards.ValidationFraction, _build.Recipe.Seed);
        Directory.CreateDirectory(_build.Work("shuffle"));
        var done = 0;
        Parallel.For(0, parts, _build.Parallelism, part =>
        {
            if (!File.Exists(_build.Scatter(part))) shuffle.Scatter(DocumentFile.Read(_build.Part(last, part), part, passes[last].Parts[part]), _build.Scatter(part), _build.Cancellation);
            _build.Report(new("Shuffling", (double)Interlocked.Increment(ref done) / parts, done));
        });
        var scattered = Enumerable.Range(0, parts).Select(_build.Scatter).ToList();
        var output = new ShardOutput(_build, shuffle, scattered);
        var tokenizer = output.Tokenizer();
        var file = TokenizerFolder.Find(_build.Location)!;
        var made = new Artefact { Path = Path.GetFileName(file), Sha256 = BuildFolder.HashOf(file), From = [passes[last].Sha256] };
        List<ShardArtefact> shards = [];
        for (var bucket = 0; bucket < shuffle.TrainBuckets + shuffle.HeldOutBuckets; bucket++)
        {
            if (output.Shard(bucket, tokenizer) is { } shard) shards.Add(shard with { From = [passes[last].Sha256, made.Sha256] });
            _build.Report(new("Writing shards", (bucket + 1.0) / (shuffle.TrainBuckets + shuffle.HeldOutBuckets)));
        }

        if (!shards.Any(shard => !shard.HeldOut)) throw new TextFormatException("All of the little text that the steps left is held out. Lower shards.validation_fraction, or take in more.");
        WriteTimings(passes, parts);
        var manifest = new CurationManifest
        {
            Recipe = new() { Path = CuratedFolder.RecipeFile, Sha256 = BuildFolder.HashOf(_build.In(CuratedFolder.RecipeFile)) },
            Inputs = inputs,
            Prepared = prepared,
            Passes = passes,
            Tokenizer = made,
            Shards = shards,
            Report = new() { Path = CuratedFolder.ReportFile, Sha256 = BuildFolder.HashOf(_build.In(CuratedFolder.ReportFile)), From = [.. passes.Select(pass => pass.Sha256)] },
        };
        AtomicFile.WriteText(_build.In(CuratedFolder.ManifestFile), JsonSerializer.Serialize(manifest, StemmaJson.Default.CurationManifest) + "\n");
    }

    private static string Story(List<ReadingReport> reading, StepReport[] steps) => string.Join("; ", (string[])
    [
        $"{reading.Sum(input => input.Documents):N0} documents were read, {reading.Sum(input => input.Broken):N0} records were broken",
        .. steps.Where(step => step.Dropped.Count > 0).Select(step => $"{step.Kind} dropped {step.DocumentsIn - step.DocumentsOut:N0} (most by {step.Dropped.MaxBy(rule => rule.Value).Key})"),
    ]);

    private void WriteTimings(List<PassArtefact> passes, int parts)
    {
        var (reading, seconds) = (0.0, new Dictionary<int, double>());
        var step = 0;
        for (var pass = 0; pass < passes.Count; pass++)
        {
            for (var part = 0; part < parts; part++)
            {
                var report = PartWork.Report(_build.Part(pass, part));
                reading += report.ReadingSeconds;
                for (var i = 0; i < report.Seconds.Length; i++) seconds[step + i] = seconds.GetValueOrDefault(step + i) + report.Seconds[i];
            }

            step += passes[pass].Steps.Count;
        }

        var timings = new CurationTimings { ReadingSeconds = reading, StepSeconds = [.. Enumerable.Range(0, step).Select(i => seconds.GetValueOrDefault(i))] };
        AtomicFile.WriteText(_build.In(CuratedFolder.TimingsFile), JsonSerializer.Serialize(timings, StemmaJson.Default.CurationTimings) + "\n");
    }

    private int Buckets(double bytes) => (int)Math.Max(1, Math.Ceiling(bytes / _build.Recipe.Shards.TextBytes));
}
