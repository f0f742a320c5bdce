using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Schedules;
using Stemma.Training;

namespace Stemma.Bench;

/// <summary>
/// `endurance`: very many steps of a very small model through the trainer, evaluations and checkpoints included. What the process holds
/// should stop to grow: its memory as the system counts it, and beside that what parts of it are known.
/// </summary>
internal static class EnduranceBench
{
    private const int Samples = 50;

    public static int Run(string[] args)
    {
        var options = new Options(args);
        int steps = options.Number("--steps", 1_000_000), threads = options.Number("--threads", 1);
        var precision = options.Precision();
        options.RequireAllUsed();

        var folder = Directory.CreateTempSubdirectory("stemma-endurance-").FullName;
        try
        {
            var text = Path.Combine(folder, "text.txt");
            File.WriteAllText(text, string.Concat(Enumerable.Range(0, 2000).Select(i => $"Line {i * 7919 % 2003} of a text that is {i % 13} parts rule.\n")));
            var run = new TrainingRun
            {
                Data = text,
                Tokenizer = new CharacterTokenizerConfig(),
                Model = new Gpt2Config { LayerCount = 1, HeadCount = 1, HiddenSize = 16, ContextLength = 8, Dropout = 0.1 },
                Schedule = new CosineSchedule { LearningRate = 1e-3, WarmupSteps = 100 },
                Steps = steps,
                BatchSize = 2,
                EvaluationInterval = Math.Max(1, steps / 20),
                EvaluationTokens = 512,
                SampleTokens = 8,
                Precision = precision,
            };
            using var session = TrainingSession.Start(run, Path.Combine(folder, "run"), new() { Threads = threads });
            var watch = Stopwatch.StartNew();
            Console.WriteLine("      step   seconds  process KB  managed heap KB  committed KB  tensors KB  reserved KB  methods   code KB  threads  gc 0/1/2");
            foreach (var step in session.Steps().ToBlockingEnumerable())
                if (step.Number % Math.Max(1, steps / Samples) == 0 || int.IsPow2(step.Number)) Print(step.Number, watch.Elapsed);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return 0;
    }

    private static void Print(int step, TimeSpan elapsed)
    {
        using var process = Process.GetCurrentProcess();
        var gc = GC.GetGCMemoryInfo(GCKind.Any);
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{step,10}{elapsed.TotalSeconds,10:F1}{process.WorkingSet64 >> 10,12}{GC.GetTotalMemory(false) >> 10,17}{gc.TotalCommittedBytes >> 10,14}{Memory.UsedBytes >> 10,12}{Memory.ReservedBytes >> 10,13}{JitInfo.GetCompiledMethodCount(),9}{JitInfo.GetCompiledILBytes() >> 10,10}{process.Threads.Count,9}  {GC.CollectionCount(0)}/{GC.CollectionCount(1)}/{GC.CollectionCount(2)}");
        Console.WriteLine(line);
    }
}
