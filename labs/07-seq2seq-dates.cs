#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false
#:property InvariantGlobalization=false

// Lab 07: dates as people write them, to dates as machines do.
//
//     dotnet run -c Release labs/07-seq2seq-dates.cs [folder] [steps] [culture …]
//
// .NET knows how dates are written in several hundred cultures. The lab writes days of a century in the short and the long way of some of
// them ("de-DE Dienstag, 27. September 1994") and teaches an encoder–decoder to say 1994-09-27, letter by letter: once with attention, once
// with nothing but the state that the encoder leaves. Days that are asked for at the end were never seen, in no culture. The answer is two
// figures (SVG): how each learned, and where the letters of one date looked. "all" as a culture takes every one there is; that takes longer.
//
// Names of months need the ICU library, which most systems have; the project elsewhere does without cultures, this lab asks for them.
using System.Globalization;
using Stemma.Generation;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models;
using Stemma.Models.Seq2Seq;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Optimizers;
using Stemma.Schedules;

#if !LINKED // The tests compile the classes below without this program.
using Stemma.Reporting;

var folder = args.Length > 0 ? args[0] : "figures";
var steps = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 600;
string[] names = args.Length > 2 ? args[2..] : ["en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "it-IT", "pl-PL", "sv-SE", "el-GR", "ja-JP"];
var dates = WrittenDates.Of(names is ["all"] ? CultureInfo.GetCultures(CultureTypes.SpecificCultures) : [.. names.Select(name => CultureInfo.GetCultureInfo(name, predefinedOnly: true))]);
Console.WriteLine($"{dates.Cultures.Count} cultures ({dates.Recalendared} of them with another calendar, written in the Gregorian one), {dates.Letters} letters");
var curves = new List<Series>();
foreach (var (name, attention) in ((string, Seq2SeqAttentionConfig)[])[("attention", new LuongAttentionConfig()), ("no attention", new NoAttentionConfig())])
{
    var reader = new DateReader(dates, attention, embeddingSize: 48, hiddenSize: 128, seed: 1);
    var points = new List<ChartPoint>();
    foreach (var (step, loss) in reader.Train(steps, batchSize: 48, learningRate: 6e-3).Index())
    {
        if ((step + 1) % Math.Max(1, steps / 9) != 0) continue;
        points.Add((step + 1, 100 * reader.Accuracy(100)));
        Console.WriteLine($"{name,-12} step {step + 1,5}: {loss:F4} nats/letter, {points[^1].Y:F0} % of unseen days right");
    }
    Console.WriteLine($"{name,-12} {100 * reader.Accuracy(1000):F1} % of 1,000 unseen days right\n");
    curves.Add(new LineSeries(name, points));
    if (attention is NoAttentionConfig) continue;
    var text = WrittenDates.Write(dates.Cultures.FirstOrDefault(culture => culture.Name == "de-DE") ?? dates.Cultures[0], new(1994, 9, 27), isLong: true);
    var read = reader.Read(text);
    HeatMap.OfAlignment($"{text} → {read.Text}", [.. read.Text.Select(letter => $"{letter}"), "⏎"], [.. text.Select(letter => $"{letter}"), "⏎"], read.Alignment).SaveSvg(Path.Combine(folder, "date-alignment.svg"));
}
new Chart
{
    Title = "Unseen days that are read rightly",
    Subtitle = $"dates in {dates.Cultures.Count} cultures to ISO 8601",
    X = new LinearAxis("steps"),
    Y = new LinearAxis("% right from the first to the last letter") { Minimum = 0, Maximum = 100 },
    Series = curves,
}.SaveSvg(Path.Combine(folder, "date-accuracy.svg"));
Console.WriteLine($"Wrote {Path.Combine(folder, "date-accuracy.svg")} and {Path.Combine(folder, "date-alignment.svg")}");
#endif

/// <summary>Days from 1950 to 2049 as cultures write them. A tenth of the days, the same in every culture, is kept apart.</summary>
internal sealed class WrittenDates
{
    private static readonly DateTime s_first = new(1950, 1, 1), s_end = new(2050, 1, 1);

    private readonly char[] _letters;

    private WrittenDates(IReadOnlyList<CultureInfo> cultures, int recalendared)
    {
        (Cultures, Recalendared) = (cultures, recalendared);
        // A day of every month and weekday has every letter there is.
        _letters = [.. cultures.SelectMany(culture => Enumerable.Range(0, 366).SelectMany(day => Write(culture, new DateTime(2019, 1, 1).AddDays(day), day % 2 == 0) + "0123456789")).Distinct().Order()];
    }

    /// <summary>The cultures.</summary>
    public IReadOnlyList<CultureInfo> Cultures { get; }

    /// <summary>How many of them count years or months otherwise by themselves.</summary>
    public int Recalendared { get; }

    /// <summary>How many different letters there are.</summary>
    public int Letters => _letters.Length;

    /// <summary>Cultures, their calendar the Gregorian one; those that have none are left out.</summary>
    public static WrittenDates Of(IReadOnlyList<CultureInfo> cultures)
    {
        var (chosen, recalendared) = (new List<CultureInfo>(), 0);
        foreach (var culture in cultures)
        {
            var own = (CultureInfo)culture.Clone();
            if (own.DateTimeFormat.Calendar is not GregorianCalendar)
            {
                if (own.OptionalCalendars.OfType<GregorianCalendar>().FirstOrDefault() is not { } gregorian) continue;
                own.DateTimeFormat.Calendar = gregorian;
                recalendared++;
            }
            chosen.Add(own);
        }
        return new(chosen, recalendared);
    }

    /// <summary>A day in a culture's short or long way, after the culture's name: 03/04 is another day in London than in New York.</summary>
    public static string Write(CultureInfo culture, DateTime day, bool isLong) => $"{culture.Name} {day.ToString(isLong ? "D" : "d", culture)}";

    /// <summary>A day in a culture, and the day as ISO 8601 has it.</summary>
    /// <param name="random">Draws.</param>
    /// <param name="unseen">Whether it is one of the days kept apart.</param>
    public (string Written, string Iso) Draw(RandomStream random, bool unseen)
    {
        var culture = Cultures[(int)random.Below(Cultures.Count, 0)];
        for (var draw = 1UL; ; draw++)
        {
            var day = s_first.AddDays(random.Below((s_end - s_first).Days, draw));
            if (new RandomStream(2024).Below(10, (ulong)(day - s_first).Days) == 0 == unseen) return (Write(culture, day, random.Below(2, 1000) == 0), day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>A text's letters as numbers from 1; 0 for a letter that no training text has.</summary>
    public int[] Encode(string text) => [.. text.Select(letter => Math.Max(0, Array.BinarySearch(_letters, letter) + 1))];
}

/// <summary>An encoder–decoder that reads dates.</summary>
internal sealed class DateReader
{
    private const string Said = "0123456789-";    // and 0 for the end: a digit d is token d + 1

    private static readonly int[] s_begin = [0];

    private readonly WrittenDates _dates;
    private readonly Seq2SeqModel _model;

    public DateReader(WrittenDates dates, Seq2SeqAttentionConfig attention, int embeddingSize, int hiddenSize, ulong seed)
    {
        _dates = dates;
        var config = new Seq2SeqConfig
        {
            SourceVocabSize = dates.Letters + 1,
            TargetVocabSize = Said.Length + 1,
            EmbeddingSize = embeddingSize,
            HiddenSize = hiddenSize,
            Cell = new GruCellConfig(),
            Attention = attention,
        };
        _model = new(config, new Weights(new InitialWeights(seed), Device.Cpu));
    }

    /// <summary>The loss of each step, in nats per letter.</summary>
    public IEnumerable<double> Train(int steps, int batchSize, double learningRate)
    {
        var optimizer = new AdamConfig().Build(_model.Parameters);
        var schedule = new CosineSchedule { LearningRate = learningRate, FinalLearningRate = learningRate / 50, WarmupSteps = steps / 20 };
        for (var step = 0; step < steps; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var random = new RandomStream(1).Fork((ulong)step);
            var loss = _model.Loss(PairBatch.Of([.. Enumerable.Range(0, batchSize).Select(i => Pair(_dates.Draw(random.Fork((ulong)i), unseen: false)))], begin: 0));
            optimizer.Step(tape.Backward(loss).ClipNorm(1), schedule.Rate(step, steps));
            yield return loss.ToScalar();
        }
    }

    /// <summary>The share of unseen days that are read rightly, from the first to the last letter.</summary>
    public double Accuracy(int count) => Enumerable.Range(0, count).Count(i =>
    {
        var (written, iso) = _dates.Draw(new RandomStream(2).Fork((ulong)i), unseen: true);
        return Read(written).Text == iso;
    }) / (double)count;

    /// <summary>The likeliest date, and where each of its letters looked.</summary>
    public (string Text, IReadOnlyList<float[]> Alignment) Read(string written)
    {
        using var scope = Memory.Scope();
        var found = new BeamSearch { Width = 1, MaxTokens = 12 }.Search(_model.Given(Source(written)), s_begin, end: 0)[0];
        return (string.Concat(found.Tokens.Select(token => Said[token - 1])), found.Alignment);
    }

    private TokenPair Pair((string Written, string Iso) date) => new(Source(date.Written), [.. date.Iso.Select(letter => Said.IndexOf(letter, StringComparison.Ordinal) + 1), 0]);

    private int[] Source(string written) => [.. _dates.Encode(written), 0];
}
