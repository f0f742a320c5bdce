using System.Text.Json;
using Stemma.Numerics.Formats;
using Stemma.Text;
using Stemma.Training;

namespace Stemma.Curation;

/// <summary>
/// Turns raw text into shards as a recipe says. A build that was killed goes on where it was, and ends with the same bytes; so does one with
/// another number of threads. Passes go over the documents in parts: one for the steps up to the first that has to see all documents, and one more for
/// each such step.
/// </summary>
public sealed class CurationBuild
{
    private readonly BuildFolder _build;

    private CurationBuild(BuildFolder build) => _build = build;

    /// <summary>Builds, or goes on with what was begun.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="folder">Where to; a new or empty folder, or one in which this recipe was begun.</param>
    /// <param name="options">How to work.</param>
    /// <param name="cancellation">Stops the work; it can be gone on with.</param>
    /// <returns>What was built.</returns>
    /// <exception cref="ConfigurationException">The recipe cannot be, the folder holds something else, or another process builds in it.</exception>
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
            return new CurationBuild(new(recipe, folder, options, cancellation)).Run();
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
        var files = _build.Recipe.Inputs.SelectMany((input, i) => InputFiles.Of(input).Select(file => (Input: i, File: file))).ToList();
        CheckFolder();
        using var taken = FolderLock.Take(_build.Location);
        Begin();
        if (!CuratedFolder.IsComplete(_build.Location))
        {
            var inputs = Inputs(files);
            var prepared = Prepare();
            new CurationOutput(_build).Write(inputs, prepared, new CurationPasses(_build).Run(files, inputs, prepared));
        }

        if (!_build.Options.KeepWork && Directory.Exists(_build.Work())) Directory.Delete(_build.Work(), recursive: true);
        return CuratedFolder.Open(_build.Location);
    }

    private void CheckFolder()
    {
        if (!File.Exists(_build.In(CuratedFolder.RecipeFile)) && Directory.Exists(_build.Location) && Directory.EnumerateFileSystemEntries(_build.Location).Any(entry => !entry.EndsWith(".tmp", StringComparison.Ordinal) && Path.GetFileName(entry) != FolderLock.FileName))
            throw new ConfigurationException($"{_build.Location} is not empty, and nothing was begun in it. Name a new folder.");
    }

    private void Begin()
    {
        var recipe = _build.In(CuratedFolder.RecipeFile);
        if (File.Exists(recipe) && File.ReadAllText(recipe) != _build.Recipe.ToJson())
            throw new ConfigurationException($"{_build.Location} was begun with another recipe. Name a new folder, or delete this one.");
        // What a killed build left unfinished.
        foreach (var left in Directory.EnumerateFiles(_build.Location, "*.tmp", SearchOption.AllDirectories)) File.Delete(left);
        if (!File.Exists(recipe)) AtomicFile.WriteText(recipe, _build.Recipe.ToJson());
    }

    private List<InputArtefact> Inputs(List<(int Input, InputFile File)> files)
    {
        var path = _build.In(CuratedFolder.InputsFile);
        if (File.Exists(path))
        {
            var known = JsonSerializer.Deserialize(File.ReadAllText(path), StemmaJson.Default.ListInputArtefact)!;
            var changed = known.Count != files.Count ? "their number" : known.Where((input, i) => files[i].File.Name != input.Name || files[i].File.Reader is not null && new FileInfo(files[i].File.Path).Length != input.Bytes).FirstOrDefault()?.Name;
            return changed is null ? known : throw new ConfigurationException($"The inputs have changed since {_build.Location} was begun ({changed}). Put them back, or build in a new folder.");
        }

        var inputs = new InputArtefact[files.Count];
        _build.Report(new("Hashing the inputs", double.NaN));
        Parallel.For(0, files.Count, _build.Parallelism, i =>
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
        var trained = false;
        for (var i = 0; i < _build.Recipe.Steps.Count; i++)
        {
            if (_build.Recipe.Steps[i] is not LocalStep { NeedsPreparation: true } step) continue;
            var path = _build.Prepared(i);
            if (!File.Exists(_build.In(path)) && !Directory.Exists(_build.In(path)))
            {
                _build.Report(new($"Preparing {step.Kind}", double.NaN));
                var unfinished = _build.In(path) + ".unfinished";
                if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
                Directory.CreateDirectory(Path.GetDirectoryName(unfinished)!);
                step.Prepare(unfinished, new(_build.Recipe.Seed, _build.Options.Threads, _build.Cancellation));
                if (Directory.Exists(unfinished)) Directory.Move(unfinished, _build.In(path));
                else File.Move(unfinished, _build.In(path), overwrite: true);
                trained = true;
            }

            var files = Directory.Exists(_build.In(path)) ? Directory.EnumerateFiles(_build.In(path)).Order(StringComparer.Ordinal).Select(file => $"{path}/{Path.GetFileName(file)}") : [path];
            made.AddRange(files.Select(file => new Artefact { Path = file, Sha256 = BuildFolder.HashOf(_build.In(file)) }));
        }

        // The texts that models were trained on are needed no more; a build that takes days should not hold their memory.
        if (trained) GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return made;
    }
}
