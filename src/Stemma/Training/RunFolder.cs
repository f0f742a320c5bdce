using System.Text.Json;
using Stemma.Models.Checkpoints;
using Stemma.Numerics.Formats;
using Stemma.Text.Tokenizers;

namespace Stemma.Training;

/// <summary>
/// The files of a run: a Hugging Face folder (<c>config.json</c>, <c>model.safetensors</c> with the best weights,
/// <c>tokenizer.json</c> or <c>tokenizer.model</c>, <c>generation_config.json</c>) plus what the run needs to go on (<c>run.json</c>, <c>metrics.jsonl</c>,
/// <c>optimizer.safetensors</c> with the last weights, <c>state.json</c>, <c>data/</c> with the tokens). Each file is replaced as a whole.
/// </summary>
public sealed class RunFolder
{
    private RunFolder(string path) => Location = System.IO.Path.GetFullPath(path);

    /// <summary>The folder, as an absolute path.</summary>
    public string Location { get; }

    internal string Run => File("run.json");

    internal string Metrics => File("metrics.jsonl");

    internal string Checkpoint => File("optimizer.safetensors");

    internal string State => File("state.json");

    /// <summary>The tokenizer's file; null before there is one.</summary>
    internal string? Tokenizer => TokenizerFolder.Find(Location);

    internal string TrainTokens => File("data/train.tokens");

    internal string ValidationTokens => File("data/validation.tokens");

    /// <summary>Whether a folder holds a run.</summary>
    public static bool Holds(string path) => System.IO.File.Exists(System.IO.Path.Combine(path, "run.json"));

    /// <summary>Whether a folder holds a run that trains on documents apart (<c>data.documents_apart</c>), and so should be measured.</summary>
    public static bool KeepsDocumentsApart(string path)
    {
        if (!Holds(path)) return false;
        using var run = JsonDocument.Parse(System.IO.File.ReadAllText(System.IO.Path.Combine(path, "run.json")));
        return run.RootElement.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object && data.TryGetProperty("documents_apart", out var apart) && apart.ValueKind == JsonValueKind.True;
    }

    /// <summary>A free folder of the given name: <c>parent/name-1</c>, or the next number.</summary>
    public static string NextFree(string parent, string name)
    {
        for (var number = 1; ; number++)
        {
            var path = System.IO.Path.Combine(parent, $"{name}-{number}");
            if (!Directory.Exists(path) && !System.IO.File.Exists(path)) return path;
        }
    }

    /// <summary>Makes the folder of a new run.</summary>
    /// <exception cref="ConfigurationException">The folder already holds a run or a file that a run would replace, or is a file.</exception>
    internal static RunFolder Create(string path, TrainingRun run)
    {
        RequireFree(path, "train");
        var folder = new RunFolder(path);
        Directory.CreateDirectory(folder.Location);
        folder.Write(run);
        return folder;
    }

    /// <summary>Nothing in the folder would be lost by a run in it.</summary>
    /// <param name="path">The folder, there or not.</param>
    /// <param name="verb">Goes on with such a run: <c>train</c>.</param>
    /// <exception cref="ConfigurationException">It holds a run or a file that a run would replace, or is a file.</exception>
    internal static void RequireFree(string path, string verb)
    {
        if (Holds(path)) throw new ConfigurationException($"{path} already holds a run. Go on with it (stemma {verb} --resume {path}), or choose another folder with --out.");
        if (System.IO.File.Exists(path)) throw new ConfigurationException($"{path} is a file; choose another folder with --out.");
        if (At(path).Others().FirstOrDefault() is { } other)
            throw new ConfigurationException($"{path} has a {System.IO.Path.GetFileName(other)}, which a run would replace. Choose another folder with --out.");
    }

    /// <summary>The files of a folder, whatever it holds.</summary>
    internal static RunFolder At(string path) => new(path);

    /// <summary>Writes what decides the run, before its first step.</summary>
    internal void Write(TrainingRun run) => AtomicFile.WriteText(Run, JsonSerializer.Serialize(run, StemmaJson.Default.TrainingRun) + "\n");

    /// <summary>Opens the folder of a run.</summary>
    /// <exception cref="ConfigurationException">It holds none, or its <c>run.json</c> cannot be read.</exception>
    internal static (RunFolder Folder, TrainingRun Run) Open(string path)
    {
        if (!Directory.Exists(path)) throw new ConfigurationException($"There is no folder {path} to resume.");
        if (!Holds(path)) throw new ConfigurationException($"{path} holds no run: it has no run.json. Resume a folder that `stemma train` made.");
        var folder = new RunFolder(path);
        // What a kill in the middle of writing left: never renamed, never read.
        foreach (var file in Directory.EnumerateFiles(folder.Location, "*.tmp", SearchOption.AllDirectories)) System.IO.File.Delete(file);
        return (folder, Configuration.Settings.Read(System.IO.File.ReadAllText(folder.Run), folder.Run));
    }

    /// <summary>Removes what a run that could not start has written.</summary>
    internal void Discard()
    {
        foreach (var file in Others().Prepend(Run)) System.IO.File.Delete(file);
        foreach (var folder in (string[])[File("data"), Location])
            if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
    }

    /// <summary>Those files of a run that are there, but for <see cref="Run"/>. When a run begins, none is.</summary>
    private IEnumerable<string> Others() => ((string?[])
    [
        Metrics, Checkpoint, State, Tokenizer, TrainTokens, ValidationTokens,
        File(CheckpointFiles.Config), File(CheckpointFiles.GenerationConfig), File(CheckpointFiles.Weights),
    ]).OfType<string>().Where(System.IO.File.Exists);

    private string File(string name) => System.IO.Path.Combine(Location, name);
}
