using Stemma.Models.Gpt2;
using Stemma.Schedules;
using Stemma.Training;

namespace Stemma.Tests.Training;

/// <summary>A run of a second: a small model on a generated text, and folders of its own.</summary>
internal sealed class TinyRun : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stemma-tests-");

    public TinyRun()
    {
        // Sentences of a little grammar: something to learn, drawn by a fixed rule.
        string[] subjects = ["The cat", "A dog", "My bird", "No fish"], verbs = ["sees", "hears", "follows", "forgets"], objects = ["the moon", "a river", "every stone", "its shadow"];
        var text = string.Concat(Enumerable.Range(0, 600).Select(i => $"{subjects[i * 7 % 4]} {verbs[i * 11 % 13 % 4]} {objects[i * 5 % 17 % 4]}.\n"));
        Text = Path.Combine(_folder.FullName, "text.txt");
        File.WriteAllText(Text, text);
        Run = new()
        {
            Data = Text,
            Tokenizer = new CharacterTokenizerConfig(),
            Model = new Gpt2Config { LayerCount = 2, HeadCount = 2, HiddenSize = 32, ContextLength = 16, Dropout = 0.1 },
            Schedule = new CosineSchedule { LearningRate = 3e-3, WarmupSteps = 5 },
            Steps = 30,
            BatchSize = 4,
            EvaluationInterval = 10,
            EvaluationTokens = 512,
            SampleTokens = 0,
            Seed = 7,
        };
    }

    public string Text { get; }

    public TrainingRun Run { get; }

    public string Folder(string name) => Path.Combine(_folder.FullName, name);

    public static async Task<List<TrainingStep>> All(TrainingSession session, CancellationToken cancellation = default)
    {
        var steps = new List<TrainingStep>();
        await foreach (var step in session.Steps(cancellation)) steps.Add(step);
        return steps;
    }

    /// <summary>The lines of metrics.jsonl without what depends on the clock.</summary>
    public static List<string> Metrics(string folder) => [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl"))
        .Select(line => System.Text.RegularExpressions.Regex.Replace(line, "\"(milliseconds|tokens_per_second|model_flop_utilisation)\":[^,}]*", "\"$1\":0"))];

    public void Dispose() => _folder.Delete(recursive: true);
}
