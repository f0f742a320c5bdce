using System.Globalization;
using System.Text;
using Stemma.Evaluation;
using Stemma.Models;
using Stemma.Models.NGram;
using Stemma.Reporting;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;
using Stemma.Training;

namespace Stemma.Reproductions.NGrams;

/// <summary>Methods of smoothing side by side, from one word of context to five.</summary>
internal static class SmoothingClaim
{
    public const string TrainFile = "ptb.train.txt";
    public const string TestFile = "ptb.test.txt";

    /// <summary>What the literature gives for Penn Treebank.</summary>
    public const string Best = "perplexity of modified Kneser–Ney, order 5";

    private const int HighestOrder = 6;

    private static readonly Smoothing[] s_methods = [new AddK(), new WittenBell(), new KneserNey(), new ModifiedKneserNey()];

    /// <summary>Each method is better than the one before it, at short contexts as at long ones.</summary>
    public static IReadOnlyList<Band> Order { get; } =
        [.. from order in (int[])[3, 5] from pair in s_methods.Zip(s_methods.Skip(1)) select Band.AtLeast(Gain(pair.First, pair.Second, order), 0)];

    /// <summary>Words, every line a sentence; the whole training text is counted, the test text predicted.</summary>
    public static Reproduction PennTreebank(ReproductionContext context) =>
        Measure(context, new() { Data = new() { Source = context.Data(TrainFile), ValidationFraction = 0 }, Tokenizer = new WordTokenizerConfig() }, context.Data(TestFile));

    /// <summary>Pieces of words, as the other models of the lineage read it; documents that are held out are predicted.</summary>
    public static Reproduction Documentation(ReproductionContext context) => Measure(context, new(), null);

    private static Reproduction Measure(ReproductionContext context, NGramRun run, string? test)
    {
        var perplexities = new Dictionary<(string Method, int Order), double>();
        foreach (var method in s_methods)
        {
            for (var order = 1; order <= HighestOrder; order++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                perplexities[(method.Name, order)] = Perplexity(context, run with { Model = new() { Order = order, Smoothing = method } }, test);
                context.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{method.Name}, order {order}: perplexity {perplexities[(method.Name, order)]:0.00}"));
            }
        }
        return new()
        {
            Measurements =
            [
                new(Best, perplexities[(s_methods[^1].Name, 5)]),
                .. from order in (int[])[3, 5]
                   from pair in s_methods.Zip(s_methods.Skip(1))
                   select new Measurement(Gain(pair.First, pair.Second, order), Math.Log(perplexities[(pair.First.Name, order)] / perplexities[(pair.Second.Name, order)])),
            ],
            Figures = new Dictionary<string, Figure>
            {
                [test is null ? "ngram-smoothing-docs" : "ngram-smoothing-ptb"] = new Chart
                {
                    Title = "Smoothing by order",
                    X = new LinearAxis("order"),
                    Y = new LogAxis("perplexity per token"),
                    Series = [.. s_methods.Select(method => new LineSeries(method.Name, [.. Enumerable.Range(1, HighestOrder).Select(order => new ChartPoint(order, perplexities[(method.Name, order)]))]))],
                },
            },
            Notes = Table(perplexities),
        };
    }

    private static double Perplexity(ReproductionContext context, NGramRun run, string? test)
    {
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            NGramSession.Run(run, folder, threads: context.Device.ThreadCount, cancellation: context.Cancellation);
            var model = ModelFolder.Open(folder, context.Device);
            using var owned = model as IDisposable;
            var tokenizer = Tokenizer.Load(folder);
            if (test is not null) return Evaluator.Evaluate(model, tokenizer, Corpus.Open(test), cancellation: context.Cancellation).Perplexity;
            using var shard = TokenShard.Open(Path.Combine(folder, "data", "validation.tokens"));
            return Evaluator.Evaluate(model, tokenizer, shard, cancellation: context.Cancellation).Perplexity;
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    private static string Gain(Smoothing worse, Smoothing better, int order) => $"ln of perplexity, {worse.Name} less {better.Name}, order {order}";

    private static string Table(Dictionary<(string Method, int Order), double> perplexities)
    {
        var text = new StringBuilder("Perplexity per token:\n\n| order |");
        foreach (var method in s_methods) text.Append(CultureInfo.InvariantCulture, $" {method.Name} |");
        text.Append("\n|---|").Insert(text.Length, "---|", s_methods.Length).Append('\n');
        for (var order = 1; order <= HighestOrder; order++)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {order} |");
            foreach (var method in s_methods) text.Append(CultureInfo.InvariantCulture, $" {perplexities[(method.Name, order)]:0.00} |");
            text.Append('\n');
        }
        return text.ToString();
    }
}
