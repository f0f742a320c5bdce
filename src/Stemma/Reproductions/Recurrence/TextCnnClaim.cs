using System.Globalization;
using System.Text;
using Stemma.Layers;
using Stemma.Models.TextCnn;
using Stemma.Numerics;

namespace Stemma.Reproductions.Recurrence;

/// <summary>Kim's text CNN with random vectors on labelled sentences.</summary>
internal static class TextCnnClaim
{
    /// <summary>What is measured.</summary>
    public const string Accuracy = "test accuracy (%)";

    private const int Epochs = 8;

    /// <summary>Sentences of film reviews, good or bad: sentence, tab, class.</summary>
    public static Reproduction Sst2(ReproductionContext context, int seeds) =>
        Measure(context, seeds, Tabbed(context, "train.tsv"), Tabbed(context, "dev.tsv"), Tabbed(context, "test.tsv"), "The epoch is chosen on `dev.tsv`. Whole sentences alone are learned from; Kim also had their labelled phrases.");

    /// <summary>What a question asks for: class, space, question.</summary>
    public static Reproduction Trec(ReproductionContext context, int seeds)
    {
        var (all, random) = (Spaced(context, "TREC.train.all"), new RandomStream(1).Fork("held out"));
        var heldOut = all.Select((_, i) => random.Uniform((ulong)i) < 0.1).ToArray();
        Line[] Part(bool held) => [.. all.Where((_, i) => heldOut[i] == held)];
        return Measure(context, seeds, Part(false), Part(true), Spaced(context, "TREC.test.all"), "The epoch is chosen on a tenth of the training questions that is held out.");
    }

    private static Reproduction Measure(ReproductionContext context, int seeds, Line[] train, Line[] heldOut, Line[] test, string choice)
    {
        // Words that training never saw are one.
        var ids = train.SelectMany(line => line.Words).Distinct().Select((word, i) => (word, i)).ToDictionary(pair => pair.word, pair => pair.i + 1);
        var classes = train.Select(line => line.Class).Distinct().Order(StringComparer.Ordinal).ToList();
        var accuracies = new List<double>();
        for (var seed = 1; seed <= seeds; seed++)
        {
            var model = new TextCnnModel(new() { VocabSize = ids.Count + 1, ClassCount = classes.Count }, new Weights(new InitialWeights((ulong)seed), context.Device));
            var best = 0.0;
            foreach (var accuracy in new TextCnnTrainer { Epochs = Epochs, Seed = (ulong)seed }.Train(model, Numbered(train), Numbered(heldOut)))
            {
                context.Cancellation.ThrowIfCancellationRequested();
                best = Math.Max(best, accuracy);
            }
            accuracies.Add(100 * TextCnnTrainer.Accuracy(model, Numbered(test)));
            context.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: held-out {100 * best:0.00}, test {accuracies[^1]:0.00}"));
        }
        return new()
        {
            Measurements = [Measurement.OfSeeds(Accuracy, accuracies), new("training sentences", train.Length), new("test sentences", test.Length)],
            Notes = $"Windows of 3, 4 and 5 words, 100 features each, vectors of 300 that begin random, dropout 0.5, rows of the output within a length of 3 (Kim's sizes), Adam at 0.001 in place of Adadelta, batches of 50, {Epochs} epochs. {choice}",
        };

        LabelledSentence[] Numbered(Line[] lines) => [.. lines.Select(line => new LabelledSentence([.. line.Words.Select(word => ids.GetValueOrDefault(word))], Class(line)))];

        int Class(Line line) => classes.IndexOf(line.Class) is >= 0 and var number ? number : throw new ConfigurationException($"A test sentence has the class \"{line.Class}\", which no training sentence has.");
    }

    private static Line[] Tabbed(ReproductionContext context, string file) => [.. Lines(context, file).Select((line, i) =>
    {
        var (sentence, label) = Divided(line, line.LastIndexOf('\t'), file, i);
        return new Line(Words(sentence), label.Trim());
    })];

    private static Line[] Spaced(ReproductionContext context, string file) => [.. Lines(context, file).Select((line, i) =>
    {
        var (label, sentence) = Divided(line, line.IndexOf(' ', StringComparison.Ordinal), file, i);
        return new Line(Words(sentence), label);
    })];

    private static (string Before, string After) Divided(string line, int at, string file, int index) =>
        at > 0 && line.AsSpan(at).Trim().Length > 0 ? (line[..at], line[(at + 1)..]) : throw new ConfigurationException($"Line {index + 1} of {file} is not a sentence and its class.");

    private static IEnumerable<string> Lines(ReproductionContext context, string file) => File.ReadLines(context.Data(file), Encoding.Latin1).Where(line => line.Trim().Length > 0);

    private static string[] Words(string text) => text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private sealed record Line(string[] Words, string Class);
}
