using System.Diagnostics;
using System.Globalization;
using System.Text;
using Stemma.Layers;
using Stemma.Models.TextCnn;
using Stemma.Numerics;

namespace Stemma.Bench;

/// <summary>
/// Kim's text CNN with random vectors, over several seeds: <c>textcnn --task sst2 --data FOLDER</c> (train.tsv, dev.tsv, test.tsv: sentence,
/// tab, class) or <c>--task trec</c> (TREC.train.all, TREC.test.all: class, space, sentence; a tenth of the former is held out).
/// </summary>
internal static class TextCnnBench
{
    public static int Run(string[] args)
    {
        var options = new Options(args);
        var (task, folder) = (options.Text("--task", "sst2"), options.Text("--data", "."));
        int seeds = options.Number("--seeds", 5), epochs = options.Number("--epochs", 8), threads = options.Number("--threads", 2);
        options.RequireAllUsed();
        var (train, heldOut, test) = task switch
        {
            "sst2" => (Tabbed("train.tsv"), Tabbed("dev.tsv"), Tabbed("test.tsv")),
            "trec" => Divided(Spaced("TREC.train.all"), Spaced("TREC.test.all")),
            _ => throw new ArgumentException($"There is no task {task}; choose sst2 or trec."),
        };
        var ids = train.SelectMany(line => line.Words).Distinct().Select((word, i) => (word, i)).ToDictionary(pair => pair.word, pair => pair.i + 1);
        var classes = train.Select(line => line.Class).Distinct().Order(StringComparer.Ordinal).ToList();
        var accuracies = new List<double>();
        for (var seed = 1; seed <= seeds; seed++)
        {
            var watch = Stopwatch.StartNew();
            var config = new TextCnnConfig { VocabSize = ids.Count + 1, ClassCount = classes.Count };
            var model = new TextCnnModel(config, new Weights(new InitialWeights((ulong)seed), Device.CreateCpu(threads)));
            var epochsHeldOut = new TextCnnTrainer { Epochs = epochs, Seed = (ulong)seed }.Train(model, Numbered(train), Numbered(heldOut)).ToArray();
            accuracies.Add(100 * TextCnnTrainer.Accuracy(model, Numbered(test)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: held-out {100 * epochsHeldOut.Max():F2} in epoch {Array.IndexOf(epochsHeldOut, epochsHeldOut.Max()) + 1}, test {accuracies[^1]:F2}, {watch.Elapsed.TotalSeconds:F0} s"));
        }
        var mean = accuracies.Average();
        var deviation = Math.Sqrt(accuracies.Sum(a => (a - mean) * (a - mean)) / Math.Max(1, seeds - 1));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{task}: test accuracy {mean:F2} ± {deviation:F2} (standard deviation over {seeds} seeds)"));
        return 0;

        List<Line> Tabbed(string file) => [.. Lines(file).Select(line => new Line(Words(line[..line.LastIndexOf('\t')]), line[(line.LastIndexOf('\t') + 1)..].Trim()))];

        List<Line> Spaced(string file) => [.. Lines(file).Select(line => new Line(Words(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]), line[..line.IndexOf(' ', StringComparison.Ordinal)]))];

        IEnumerable<string> Lines(string file) => File.ReadLines(Path.Combine(folder, file), Encoding.Latin1).Where(line => line.Trim().Length > 0);

        // Words that training never saw are one.
        LabelledSentence[] Numbered(List<Line> lines) => [.. lines.Select(line => new LabelledSentence([.. line.Words.Select(word => ids.GetValueOrDefault(word))], classes.IndexOf(line.Class)))];
    }

    private static string[] Words(string text) => text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static (List<Line> Train, List<Line> HeldOut, List<Line> Test) Divided(List<Line> train, List<Line> test)
    {
        var random = new RandomStream(1).Fork("held out");
        var mark = train.Select((_, i) => random.Uniform((ulong)i) < 0.1).ToArray();
        return ([.. train.Where((_, i) => !mark[i])], [.. train.Where((_, i) => mark[i])], test);
    }

    private sealed record Line(string[] Words, string Class);
}
