using System.Globalization;
using Stemma.Evaluation.Statistics;
using Stemma.Interpretability;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Reporting;
using Stemma.Training.Encoders;

namespace Stemma.Reproductions.Encoders;

/// <summary>Words that are noun and verb in one written form ("work", "call"): a linear probe tells the two by an encoder's vectors, and cannot by the word's own vector, which is the same in both.</summary>
internal static class SenseClaim
{
    public const string OverStatic = "accuracy gained over the word's own vector", OverUntrained = "accuracy gained over an untrained encoder";

    private const string Name = "senses-in-context";

    private const double Penalty = 10;

    /// <summary>All three parts of the treebank: the encoder has not seen it, the probes are cross-validated.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. ((string[])["train", "dev", "test"]).Select(part => $"ud_ewt/en_ewt-ud-{part}.conllu.gz")];

    public static Reproduction Measure(ReproductionContext context) => Measure(context, EncoderRuns.Bert(EncoderRuns.LongUpdates), least: 15, folds: 5);

    /// <param name="context">Data and runs.</param>
    /// <param name="run">The encoder's pretraining.</param>
    /// <param name="least">Occurrences that a form must have as a noun, and as a verb.</param>
    /// <param name="folds">Of the cross-validation.</param>
    internal static Reproduction Measure(ReproductionContext context, PretrainRun run, int least, int folds)
    {
        var folder = EncoderRuns.Pretrain(context, EncoderRuns.LongName, run).Folder!;
        var encoder = EncoderCheckpoint.Load(folder, context.Device).Encoder;
        var tokens = TuningTasks.TokensOf(folder, encoder.Config);
        var untrained = encoder.Config.Build(new Weights(new InitialWeights(1), context.Device));
        var forms = Forms([.. Files.SelectMany(file => LabelledFiles.Tags(context.Data(file)))], tokens, run.MaxTokens, least);
        if (forms.Length < 2) throw new ConfigurationException($"The treebank has {forms.Length} forms with {least} nouns and {least} verbs; a comparison needs two.");
        var (own, random, learned) = (new double[forms.Length], new double[forms.Length], new double[forms.Length]);
        Chart? map = null;
        foreach (var (i, form) in forms.Index())
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var vectors = InContext(encoder, form.Places);
            (own[i], random[i], learned[i]) = (Accuracy(Static(encoder, form.Places)), Accuracy(InContext(untrained, form.Places)), Accuracy(vectors));
            // The most balanced form is the first.
            map ??= Map(form, vectors, encoder.HiddenSize, learned[i]);
            context.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{form.Word}: own vector {own[i]:0.0} %, untrained {random[i]:0.0} %, in context {learned[i]:0.0} %"));

            double Accuracy(float[] points) =>
                100.0 * LinearProbe.CrossValidated(points, encoder.HiddenSize, [.. form.Places.Select(place => place.IsVerb)], folds, Penalty).Zip(form.Places, (said, place) => said == place.IsVerb).Count(right => right) / form.Places.Length;
        }
        return new()
        {
            Measurements =
            [
                new("accuracy (%), the word's own vector", own.Average()), new("accuracy (%), untrained encoder", random.Average()), new("accuracy (%), in context", learned.Average()),
                .. Gain(OverStatic, own, learned), .. Gain(OverUntrained, random, learned),
                new("forms", forms.Length), new("occurrences", forms.Sum(form => form.Places.Length)),
            ],
            Figures = new Dictionary<string, Figure> { [Name] = map! },
            Notes = $"""
                Forms of UD English EWT (train, dev and test together) that stand at least {least} times as a noun and {least} times as a verb by the treebank's labels, written
                small and not first in their sentence, so that the word's own vector is one and the same each time: {string.Join(", ", forms.Select(form => form.Word))}.
                For each form alone a logistic regression (penalty {Penalty}) on {encoder.HiddenSize} numbers, {folds}-fold over neighbouring occurrences; accuracies are means over forms, gains have
                Student's 95 % interval over forms, p is Wilcoxon's. A probe that sees the same vector each time says the form's more frequent part of speech.
                The encoder is that of the claim `pretraining` after {run.Steps:N0} updates and saw no labels; the last block's rows, the mean where a word is several tokens.
                The untrained encoder has the same sizes: its vectors depend on the context too, at random.
                """,
        };
    }

    /// <summary>An occurrence: its sentence's tokens, where the word stands among them, what it is there.</summary>
    internal sealed record Place(int[] Tokens, int Start, int End, bool IsVerb);

    /// <summary>A form with its occurrences in the order of the text.</summary>
    internal sealed record Form(string Word, Place[] Places);

    /// <summary>The forms with enough of both, those with most of their rarer sense first.</summary>
    internal static Form[] Forms(IReadOnlyList<TaggedSentence> sentences, EncoderTokens tokens, int maxTokens, int least)
    {
        var found = new Dictionary<string, List<Place>>(StringComparer.Ordinal);
        foreach (var sentence in sentences)
        {
            // As when tags are learned: all words but the first after a blank.
            int[][] pieces = [.. sentence.Words.Select((word, i) => tokens.Tokenizer.Encode(i == 0 ? word : " " + word))];
            int[] read = [tokens.Begin, .. pieces.SelectMany(piece => piece).Take(maxTokens - 2), tokens.Separator];
            var start = 1;
            foreach (var (i, piece) in pieces.Index())
            {
                var end = start + piece.Length;
                if (end >= read.Length) break;
                if (i > 0 && sentence.Tags[i] is "NOUN" or "VERB")
                {
                    if (!found.TryGetValue(sentence.Words[i], out var places)) found[sentence.Words[i]] = places = [];
                    places.Add(new(read, start, end, sentence.Tags[i] == "VERB"));
                }
                start = end;
            }
        }
        return [.. found.Where(form => !form.Key.Any(char.IsUpper) && Rarer(form.Value) >= least).OrderByDescending(form => Rarer(form.Value)).ThenBy(form => form.Key, StringComparer.Ordinal).Select(form => new Form(form.Key, [.. form.Value]))];

        static int Rarer(List<Place> places) => Math.Min(places.Count(place => place.IsVerb), places.Count(place => !place.IsVerb));
    }

    /// <summary>[occurrences, hidden]: the encoder's rows of the word, their mean.</summary>
    internal static float[] InContext(EncoderModel encoder, Place[] places)
    {
        using var pause = Tape.Pause();
        var vectors = new float[places.Length * encoder.HiddenSize];
        var at = 0;
        foreach (var chunk in places.Chunk(32))
        {
            using var scope = Memory.Scope();
            int[] tokens = [.. chunk.SelectMany(place => place.Tokens)];
            var rows = encoder.Encode(Tensor.From(tokens, [tokens.Length], encoder.Device), null, new(SequenceLayout.Packed([.. chunk.Select(place => place.Tokens.Length)]))).ToArray<float>();
            var first = 0;
            foreach (var place in chunk)
            {
                AddMean(rows, Enumerable.Range(first + place.Start, place.End - place.Start), vectors.AsSpan(at++ * encoder.HiddenSize, encoder.HiddenSize));
                first += place.Tokens.Length;
            }
        }
        return vectors;
    }

    /// <summary>[occurrences, hidden]: the word's own vectors in the encoder's table, their mean.</summary>
    internal static float[] Static(EncoderModel encoder, Place[] places)
    {
        var table = encoder.TokenVectors.Value.ToArray<float>();
        var vectors = new float[places.Length * encoder.HiddenSize];
        foreach (var (i, place) in places.Index()) AddMean(table, place.Tokens[place.Start..place.End], vectors.AsSpan(i * encoder.HiddenSize, encoder.HiddenSize));
        return vectors;
    }

    private static void AddMean(float[] rows, IEnumerable<int> chosen, Span<float> into)
    {
        var numbers = chosen.ToArray();
        foreach (var row in numbers)
            for (var k = 0; k < into.Length; k++) into[k] += rows[row * into.Length + k] / numbers.Length;
    }

    private static IEnumerable<Measurement> Gain(string name, double[] first, double[] second)
    {
        var interval = MeanInterval.Of([.. second.Zip(first, (one, other) => one - other)]);
        yield return new(name, interval.Mean, interval.Low, interval.High);
        if (PairedTests.Of(first, second).Wilcoxon is { } test) yield return new($"{name}, p", test.PValue);
    }

    private static Chart Map(Form form, float[] vectors, int size, double accuracy)
    {
        var components = PrincipalComponents.Of(vectors, size, 2);
        return new()
        {
            Title = $"“{form.Word}” as a noun and as a verb",
            Subtitle = string.Create(CultureInfo.InvariantCulture, $"{form.Places.Length} occurrences in context along two principal components ({100 * components.Variances[0]:0} and {100 * components.Variances[1]:0} % of the variance); a linear probe tells {accuracy:0} % right"),
            Width = 960,
            Height = 720,
            X = new LinearAxis("first component"),
            Y = new LinearAxis("second component"),
            Series = [Of("noun", isVerb: false), Of("verb", isVerb: true)],
        };

        PointSeries Of(string name, bool isVerb) => new(name, [.. form.Places.Index().Where(place => place.Item.IsVerb == isVerb).Select(place => new ChartPoint(components.Coordinates[2 * place.Index], components.Coordinates[2 * place.Index + 1]))]);
    }
}
