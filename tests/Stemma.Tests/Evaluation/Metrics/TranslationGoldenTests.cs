using System.Text.Json.Nodes;
using Stemma.Evaluation.Metrics.Translation;
using Xunit;

namespace Stemma.Tests.Evaluation.Metrics;

/// <summary>BLEU, chrF and TER equal sacreBLEU's, of the whole text and of every segment, with every option.</summary>
public sealed class TranslationGoldenTests
{
    private static readonly JsonNode s_golden = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "metrics", "sacrebleu.json")))!;
    private static readonly string[] s_hypotheses = Texts(s_golden["hypotheses"]!);
    private static readonly string[][] s_references = [.. s_golden["references"]!.AsArray().Select(set => Texts(set!))];

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, s_golden["cases"]!.AsArray().Count)];

    [Theory, MemberData(nameof(Cases))]
    public void Scores_are_the_originals(int index)
    {
        var golden = s_golden["cases"]![index]!;
        var count = (int)golden["references"]!;
        var metric = Metric((string)golden["metric"]!, golden["options"]!.AsObject());
        IReadOnlyList<string>[] references = [.. s_hypotheses.Select((_, i) => s_references.Take(count).Select(set => set[i]).ToArray())];
        Assert.Equal((string)golden["signature"]! + "|version:2.6.0", metric.Signature(count));
        var counts = metric.CountAll(s_hypotheses, references);
        for (var i = 0; i < s_hypotheses.Length; i++)
        {
            var expected = (double)golden["sentences"]![i]!;
            Assert.True(Math.Abs(expected - metric.Score(counts[i])) < 1e-8, $"segment {i} of {metric.Name}: {metric.Score(counts[i])}, the original {expected}: {s_hypotheses[i]}");
        }
        Assert.Equal((double)golden["score"]!, metric.Score(counts.Sum()), 1e-9);
        if (metric is Bleu bleu && golden["formatted"] is { } formatted) Assert.Equal((string)formatted!, $"BLEU = {bleu.Explain(counts.Sum())}");
    }

    private static CorpusMetric Metric(string name, JsonObject options)
    {
        bool Flag(string option) => options[option] is { } value && (bool)value;
        int Number(string option, int otherwise) => options[option] is { } value ? (int)value : otherwise;
        return name switch
        {
            "bleu" => new Bleu
            {
                Tokenizer = (string?)options["tokenize"] switch { "char" => BleuTokenizer.Characters, "intl" => BleuTokenizer.International, "none" => BleuTokenizer.None, _ => BleuTokenizer.Mteval13a },
                LowerCase = Flag("lowercase"),
                Smoothing = (string?)options["smooth_method"] switch { "none" => BleuSmoothing.None, "floor" => BleuSmoothing.Floor, "add-k" => BleuSmoothing.AddK, _ => BleuSmoothing.Exponential },
                SmoothingValue = (double?)options["smooth_value"],
                EffectiveOrder = Flag("effective_order"),
                Order = Number("max_ngram_order", 4),
            },
            "chrf" => new CharacterFScore { CharacterOrder = Number("char_order", 6), WordOrder = Number("word_order", 0), Beta = Number("beta", 2), LowerCase = Flag("lowercase"), WhiteSpace = Flag("whitespace"), EpsilonSmoothing = Flag("eps_smoothing") },
            _ => new TranslationEditRate { CaseSensitive = Flag("case_sensitive"), Normalized = Flag("normalized"), NoPunctuation = Flag("no_punct"), AsianSupport = Flag("asian_support") },
        };
    }

    private static string[] Texts(JsonNode array) => [.. array.AsArray().Select(text => (string)text!)];
}
