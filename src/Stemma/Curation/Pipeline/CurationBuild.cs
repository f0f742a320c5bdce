using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Stemma.Numerics.Formats;
using Stemma.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Words;
using Stemma.Training;

namespace Stemma.Curation;

/// <summary>How a build may work; nothing of it changes what comes out.</summary>
public sealed record CurationOptions
{
    /// <summary>Threads, at least 1.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>What sorting over all documents may take at a time.</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>Whether the files between the passes stay.</summary>
    public bool KeepWork { get; init; }

    /// <summary>Told what is being done.</summary>
    public IProgress<CurationProgress>? Progress { get; init; }

    /// <summary>Told of every dropped document: the step's number, the document, the rule.</summary>
    internal Action<int, CuratedDocument, string>? Dropped { get; init; }
}

/// <summary>How far a build is.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Fraction">The share of it that is done; not a number where that is not known.</param>
/// <param name="Parts">Parts done.</param>
public readonly record struct CurationProgress(string Stage, double Fraction, int Parts = 0);

/// <summary>
/// Turns raw text into shards as a recipe says. A build that was killed goes on where it was, and ends with the same bytes; so does one with
/// another number of threads. Passes go over the documents in parts: one for the steps up to the first that has to see all documents, and one more for
/// each such step.
/// </summary>
public sealed class CurationBuild
{
    private readonly CurationRecipe _recipe;
    private readonly string _folder;
    private readonly CurationOptions _options;
    private readonly CancellationToken _cancellation;

    private CurationBuild(CurationRecipe recipe, string folder, CurationOptions options, CancellationToken cancellation) =>
        (_recipe, _folder, _options, _cancellation) = (recipe, folder, options, cancellation);

    /// <summary>Builds, or goes on with what was begun.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="folder">Where to; a new or empty folder, or one in which this recipe was begun.</param>
    /// <param name="options">How to work.</param>
    /// <param name="cancellation">Stops the work; it can be gone on with.</param>
    /// <returns>What was built.</returns>
    /// <exception cref="ConfigurationException">The recipe cannot be, or the folder holds something else.</exception>
    /// <exception cref="TextFormatException">The steps left no text.</exception>
    public static CuratedFolder Run(CurationRecipe recipe, string folder, CurationOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        recipe.Validate();
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        try
        {
            return new CurationBuild(recipe, folder, options, cancellation).Run();
        }
        catch (AggregateException error) when (error.InnerExceptions.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error.Flatten().InnerExceptions[0]);
            throw;
        }
    }

    private CuratedFolder Run()
    {
        // Everything that can be wrong with the names is found before anything is written.
        var files = _recipe.Inputs.SelectMany((input, i) => InputFiles.Of(input).Select(file => (Input: i, File: file))).ToList();
        Begin();
        if (!CuratedFolder.IsComplete(_folder))
        {
            var inputs = Inputs(files);
            var prepared = Prepare();
            var (passes, reports, reading, partCount) = Passes(files, inputs, prepared);
            Finish(inputs, prepared, passes, reports, reading, partCount);
        }

        if (!_options.KeepWork && Directory.Exists(Work())) Directory.Delete(Work(), recursive: true);
        return CuratedFolder.Open(_folder);
    }

    private void Begin()
    {
        var recipe = In(CuratedFolder.RecipeFile);
        if (!File.Exists(recipe) && Directory.Exists(_folder) && Directory.EnumerateFileSystemEntries(_folder).Any(entry => !entry.EndsWith(".tmp", StringComparison.Ordinal)))
            throw new ConfigurationException($"{_folder} is not empty, and nothing was begun in it. Name a new folder.");
        if (File.Exists(recipe) && File.ReadAllText(recipe) != _recipe.ToJson())
            throw new ConfigurationException($"{_folder} was begun with another recipe. Name a new folder, or delete this one.");
        Directory.CreateDirectory(_folder);
        // What a killed build left unfinished.
        foreach (var left in Directory.EnumerateFiles(_folder, "*.tmp", SearchOption.AllDirectories)) File.Delete(left);
        if (!File.Exists(recipe)) AtomicFile.WriteText(recipe, _recipe.ToJson());
    }

    private List<InputArtefact> Inputs(List<(int Input, InputFile File)> files)
    {
        var path = In(CuratedFolder.InputsFile);
        if (File.Exists(path))
        {
            var known = JsonSerializer.Deserialize(File.ReadAllText(path), StemmaJson.Default.ListInputArtefact)!;
            var changed = known.Count != files.Count ? "their number" : known.Where((input, i) => files[i].File.Name != input.Name || files[i].File.Reader is not null && new FileInfo(files[i].File.Path).Length != input.Bytes).FirstOrDefault()?.Name;
            return changed is null ? known : throw new ConfigurationException($"The inputs have changed since {_folder} was begun ({changed}). Put them back, or build in a new folder.");
        }

        var inputs = new InputArtefact[files.Count];
        _options.Progress?.Report(new("Hashing the inputs", double.NaN));
        Parallel.For(0, files.Count, Parallelism(), i =>
        {
            var (bytes, hash) = files[i].File.Hash();
            inputs[i] = new() { Input = files[i].Input, Name = files[i].File.Name, Bytes = bytes, Sha256 = hash };
        });
        List<InputArtefact> list = [.. inputs];
        AtomicFile.WriteText(path, JsonSerializer.Serialize(list, StemmaJson.Default.ListInputArtefact) + "\n");
        return list;
    }

    private List<Artefact> Prepare()
    {
        List<Artefact> made = [];
        for (var i = 0; i < _recipe.Steps.Count; i++)
        {
            if (_recipe.Steps[i] is not LocalStep { NeedsPreparation: true } step) continue;
            var path = PreparedPath(i);
            if (!File.Exists(In(path)) && !Directory.Exists(In(path)))
            {
                _options.Progress?.Report(new($"Preparing {step.Kind}", double.NaN));
                var unfinished = In(path) + ".unfinished";
                if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
                Directory.CreateDirectory(Path.GetDirectoryName(unfinished)!);
                step.Prepare(unfinished, new(_recipe.Seed, _options.Threads, _cancellation));
                if (Directory.Exists(unfinished)) Directory.Move(unfinished, In(path));
                else File.Move(unfinished, In(path), overwrite: true);
            }

            var files = Directory.Exists(In(path)) ? Directory.EnumerateFiles(In(path)).Order(StringComparer.Ordinal).Select(file => $"{path}/{Path.GetFileName(file)}") : [path];
            made.AddRange(files.Select(file => new Artefact { Path = file, Sha256 = HashOf(In(file)) }));
        }

        return made;
    }

    private (List<PassArtefact> Passes, StepReport[] Steps, List<ReadingReport> Reading, int Parts) Passes(List<(int, InputFile)> files, List<InputArtefact> inputs, List<Artefact> prepared)
    {
        List<PassArtefact> passes = [];
        var steps = _recipe.Steps.Select(step => new StepReport { Kind = step.Kind }).ToArray();
        var reading = _recipe.Inputs.Select((_, i) => new ReadingReport { Input = i }).ToList();
        var (parts, first) = (0, 0);
        List<PartReport> before = [];
        for (var pass = 0; ; pass++)
        {
            var (filters, decision) = (new List<(int, string, DocumentFilter)>(), default(string));
            var next = first;
            if (pass > 0)
            {
                var global = (GlobalStep)_recipe.Steps[first];
                decision = Decide(pass, global, parts);
                filters.Add((first, global.Kind, global.Build().Open(decision)));
                next++;
            }

            for (; next < _recipe.Steps.Count && _recipe.Steps[next] is LocalStep local; next++) filters.Add((next, local.Kind, local.Build(In(PreparedPath(next)))));
            var notes = next < _recipe.Steps.Count ? ((GlobalStep)_recipe.Steps[next]).Build() : null;
            var work = new PartWork(filters, notes, _recipe.Inputs.Count, _recipe.Seed) { Dropped = _options.Dropped };
            if (pass == 0) parts = Read(files, work);
            else Refine(pass, work, before, parts);
            var reports = Enumerable.Range(0, parts).Select(part => PartWork.Report(PartPath(pass, part))).ToList();
            foreach (var report in reports)
            {
                foreach (var (i, step) in report.Steps.Index()) steps[filters[i].Item1] = steps[filters[i].Item1].Plus(step);
                foreach (var read in report.Reading) reading[read.Input] = reading[read.Input].Plus(read);
            }

            var decided = decision is null ? null : HashOf(decision);
            passes.Add(new()
            {
                Steps = [.. filters.Select(filter => filter.Item2)],
                Documents = reports.Sum(report => report.Documents),
                Bytes = reports.Sum(report => report.Bytes.Sum()),
                Parts = [.. reports.Select(report => report.Sha256)],
                Decision = decided,
                Sha256 = HashOfAll([decided ?? "", .. reports.Select(report => report.Sha256)]),
                From = pass > 0 ? [passes[^1].Sha256] : [.. inputs.Select(input => input.Sha256), .. prepared.Select(made => made.Sha256)],
            });
            // A pass that is whole needs the one before no more.
            if (!_options.KeepWork && pass > 0) DropDocuments(pass - 1, parts);
            before = reports;
            if (notes is null) return (passes, steps, reading, parts);
            first = next;
        }
    }

    private int Read(List<(int, InputFile)> files, PartWork work)
    {
        Directory.CreateDirectory(Work("00"));
        var whole = Path.Combine(Work("00"), "whole");
        if (File.Exists(whole)) return int.Parse(File.ReadAllText(whole), System.Globalization.CultureInfo.InvariantCulture);
        var pass = new ReadingPass(files, _recipe.Steps.Any(step => step is HtmlTextStep), _recipe.Shards.PartBytes, _recipe.Inputs.Count);
        var parts = pass.Run(part => PartPath(0, part), work, _options.Threads, _options.Progress, _cancellation);
        AtomicFile.WriteText(whole, $"{parts}");
        return parts;
    }

    private void Refine(int pass, PartWork work, List<PartReport> before, int parts)
    {
        Directory.CreateDirectory(Work($"{pass:00}"));
        var done = 0;
        Parallel.For(0, parts, Parallelism(), part =>
        {
            if (!PartWork.IsDone(PartPath(pass, part)))
                work.Run(DocumentFile.Read(PartPath(pass - 1, part), part, before[part].Sha256), PartPath(pass, part), part, new(), _cancellation);
            _options.Progress?.Report(new($"Pass {pass + 1}", (double)Interlocked.Increment(ref done) / parts, done));
        });
    }

    private string Decide(int pass, GlobalStep step, int parts)
    {
        var path = Path.Combine(Work($"{pass:00}"), "decision");
        if (File.Exists(path)) return path;
        _options.Progress?.Report(new($"Deciding {step.Kind}", double.NaN));
        var notes = Enumerable.Range(0, parts).Select(part => PartWork.NotesOf(PartPath(pass - 1, part))).ToList();
        AtomicFile.Write(path, stream => step.Build().Decide(notes, stream, new(_options.Threads, _options.MemoryBytes), _cancellation));
        return path;
    }

    private void DropDocuments(int pass, int parts)
    {
        for (var part = 0; part < parts; part++)
        {
            File.Delete(PartPath(pass, part));
            File.Delete(PartWork.NotesOf(PartPath(pass, part)));
        }
    }

    private void Finish(List<InputArtefact> inputs, List<Artefact> prepared, List<PassArtefact> passes, StepReport[] steps, List<ReadingReport> reading, int parts)
    {
        var last = passes.Count - 1;
        var reports = Enumerable.Range(0, parts).Select(part => PartWork.Report(PartPath(last, part))).ToList();
        var bytes = Enumerable.Range(0, _recipe.Inputs.Count).Select(input => reports.Sum(report => report.Bytes[input])).ToArray();
        AtomicFile.WriteText(In(CuratedFolder.ReportFile), JsonSerializer.Serialize(new CurationReport { Reading = reading, Steps = steps }, StemmaJson.Default.CurationReport) + "\n");
        if (bytes.Sum() == 0) throw new TextFormatException($"The steps left no text: {Story(reading, steps)}. {In(CuratedFolder.ReportFile)} has the details.");
        var epochs = Mixture.Epochs(_recipe.Inputs, bytes);
        var whole = bytes.Select((count, input) => count * epochs[input]).Sum();
        var shuffle = new Shuffle(Buckets(whole), _recipe.Shards.ValidationFraction > 0 ? Buckets(whole * _recipe.Shards.ValidationFraction) : 0, epochs, _recipe.Shards.ValidationFraction, _recipe.Seed);
        Directory.CreateDirectory(Work("shuffle"));
        var done = 0;
        Parallel.For(0, parts, Parallelism(), part =>
        {
            if (!File.Exists(ScatterPath(part))) shuffle.Scatter(DocumentFile.Read(PartPath(last, part), part, reports[part].Sha256), ScatterPath(part), _cancellation);
            _options.Progress?.Report(new("Shuffling", (double)Interlocked.Increment(ref done) / parts, done));
        });
        var scattered = Enumerable.Range(0, parts).Select(ScatterPath).ToList();
        var tokenizer = Tokenizer(shuffle, scattered);
        var made = new Artefact { Path = CuratedFolder.TokenizerFile, Sha256 = HashOf(In(CuratedFolder.TokenizerFile)), From = [passes[last].Sha256] };
        List<ShardArtefact> shards = [];
        for (var bucket = 0; bucket < shuffle.TrainBuckets + shuffle.HeldOutBuckets; bucket++)
        {
            if (Shard(shuffle, bucket, scattered, tokenizer) is { } shard) shards.Add(shard with { From = [passes[last].Sha256, made.Sha256] });
            _options.Progress?.Report(new("Writing shards", (bucket + 1.0) / (shuffle.TrainBuckets + shuffle.HeldOutBuckets)));
        }

        if (!shards.Any(shard => !shard.HeldOut)) throw new TextFormatException("All of the little text that the steps left is held out. Lower shards.validation_fraction, or take in more.");
        WriteTimings(passes, parts);
        var manifest = new CurationManifest
        {
            Recipe = new() { Path = CuratedFolder.RecipeFile, Sha256 = HashOf(In(CuratedFolder.RecipeFile)) },
            Inputs = inputs,
            Prepared = prepared,
            Passes = passes,
            Tokenizer = made,
            Shards = shards,
            Report = new() { Path = CuratedFolder.ReportFile, Sha256 = HashOf(In(CuratedFolder.ReportFile)), From = [.. passes.Select(pass => pass.Sha256)] },
        };
        AtomicFile.WriteText(In(CuratedFolder.ManifestFile), JsonSerializer.Serialize(manifest, StemmaJson.Default.CurationManifest) + "\n");
    }

    private static string Story(List<ReadingReport> reading, StepReport[] steps) => string.Join("; ", (string[])
    [
        $"{reading.Sum(input => input.Documents):N0} documents were read, {reading.Sum(input => input.Broken):N0} records were broken",
        .. steps.Where(step => step.Dropped.Count > 0).Select(step => $"{step.Kind} dropped {step.DocumentsIn - step.DocumentsOut:N0} (most by {step.Dropped.MaxBy(rule => rule.Value).Key})"),
    ]);

    private Tokenizer Tokenizer(Shuffle shuffle, List<string> scattered)
    {
        var path = In(CuratedFolder.TokenizerFile);
        if (File.Exists(path)) return Text.Tokenizers.Tokenizer.Load(path);
        // A bucket is a fair sample of the whole.
        var texts = Enumerable.Range(0, shuffle.TrainBuckets).SelectMany(bucket => Shuffle.Gather(bucket, scattered));
        var (sample, taken) = (new List<Document>(), 0L);
        foreach (var document in texts)
        {
            if (taken > 0 && taken + document.ByteCount > _recipe.Shards.TokenizerBytes) break;
            sample.Add(new($"{sample.Count}", document.Text));
            taken += document.ByteCount;
        }

        var progress = _options.Progress is { } report ? new TokenizerProgress(report) : null;
        // What has a token a letter must know every letter.
        Corpus all = new EnumeratedCorpus(() => Enumerable.Range(0, shuffle.TrainBuckets + shuffle.HeldOutBuckets).SelectMany(bucket => Shuffle.Gather(bucket, scattered)).Select(document => new Document(document.Name, document.Text)));
        var tokenizer = TokenizerBuilder.Build(_recipe.Tokenizer, [all], sample, progress, _cancellation);
        tokenizer.Save(path);
        return tokenizer;
    }

    private ShardArtefact? Shard(Shuffle shuffle, int bucket, List<string> scattered, Tokenizer tokenizer)
    {
        var heldOut = bucket >= shuffle.TrainBuckets;
        var name = heldOut ? $"validation-{bucket - shuffle.TrainBuckets:00000}" : $"train-{bucket:00000}";
        var (tokens, list) = ($"{name}.tokens", $"{name}.documents.jsonl");
        if (!File.Exists(In(tokens)))
        {
            var documents = Shuffle.Gather(bucket, scattered);
            if (documents.Count == 0) return null;
            var lines = new StringBuilder();
            foreach (var document in documents)
            {
                var line = new ShardDocument
                {
                    Name = document.Name,
                    File = document.File,
                    Position = document.Position,
                    Input = document.Input,
                    Part = document.Id >> 32,
                    Language = document.Language,
                    ChangedBy = [.. _recipe.Steps.Where((_, i) => (document.ChangedBy >> i & 1) == 1).Select(step => step.Kind)],
                    Bytes = document.ByteCount,
                };
                lines.Append(JsonSerializer.Serialize(line, CurationJson.Default.ShardDocument)).Append('\n');
            }

            AtomicFile.WriteText(In(list), lines.ToString());
            var builder = new ShardBuilder { Tokenizer = tokenizer, EndDocuments = tokenizer is not WordTokenizer, ThreadCount = _options.Threads };
            builder.Build(In(tokens), documents.Select(document => new Document(document.Name, document.Text)), null, _cancellation);
        }

        using var shard = TokenShard.Open(In(tokens), tokenizer.Hash);
        return new()
        {
            Path = tokens,
            Sha256 = HashOf(In(tokens)),
            HeldOut = heldOut,
            DocumentsPath = list,
            DocumentsSha256 = HashOf(In(list)),
            Documents = shard.Summary.DocumentCount,
            Tokens = shard.Length,
            Bytes = shard.TextByteCount,
        };
    }

    private void WriteTimings(List<PassArtefact> passes, int parts)
    {
        var (reading, seconds) = (0.0, new Dictionary<int, double>());
        var step = 0;
        for (var pass = 0; pass < passes.Count; pass++)
        {
            for (var part = 0; part < parts; part++)
            {
                var report = PartWork.Report(PartPath(pass, part));
                reading += report.ReadingSeconds;
                for (var i = 0; i < report.Seconds.Length; i++) seconds[step + i] = seconds.GetValueOrDefault(step + i) + report.Seconds[i];
            }

            step += passes[pass].Steps.Count;
        }

        var timings = new CurationTimings { ReadingSeconds = reading, StepSeconds = [.. Enumerable.Range(0, step).Select(i => seconds.GetValueOrDefault(i))] };
        AtomicFile.WriteText(In(CuratedFolder.TimingsFile), JsonSerializer.Serialize(timings, StemmaJson.Default.CurationTimings) + "\n");
    }

    private int Buckets(double bytes) => (int)Math.Max(1, Math.Ceiling(bytes / _recipe.Shards.TextBytes));

    private ParallelOptions Parallelism() => new() { MaxDegreeOfParallelism = _options.Threads, CancellationToken = _cancellation };

    private string In(string path) => Path.Combine(_folder, path);

    private string Work(string inner = "") => Path.Combine(_folder, "work", inner);

    private string PartPath(int pass, int part) => Path.Combine(Work($"{pass:00}"), $"{part:000000}.part");

    private string ScatterPath(int part) => Path.Combine(Work("shuffle"), $"{part:000000}.scatter");

    private string PreparedPath(int step) => $"prepared/{step:00}-{_recipe.Steps[step].Kind}";

    private static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string HashOfAll(IEnumerable<string> hashes) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', hashes))));

    private sealed class TokenizerProgress(IProgress<CurationProgress> report) : IProgress<Preparation>
    {
        public void Report(Preparation value) => report.Report(new("Training the tokenizer", value.Fraction));
    }

    private sealed class EnumeratedCorpus(Func<IEnumerable<Document>> documents) : Corpus
    {
        public override string Name => "curated text";

        public override IEnumerable<Document> Documents() => documents();
    }
}
