#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 09: what a member of an API is for, from what is said of its parts.
//
//     dotnet run -c Release labs/09-summaries.cs [folder] [steps]
//
// The documentation in the .NET SDK gives every member a summary, and then its parameters, results and exceptions. The lab takes the
// summary's first sentence away and lets an encoder–decoder with attention write it anew from the signature and the rest. Members of a
// tenth of the types are kept apart. What it writes is scored by ROUGE against the sentence that stood there; so is lead-1, the habit of
// taking the first sentence that one reads. The answer is a figure (SVG) and some summaries to look at.
using Stemma;
using Stemma.Generation;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models;
using Stemma.Models.Seq2Seq;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Optimizers;
using Stemma.Schedules;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;

#if !LINKED // The tests compile the classes below without this program.
using Stemma.Evaluation.Metrics;
using Stemma.Reporting;

var folder = args.Length > 0 ? args[0] : "figures";
var steps = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 500;
var (train, heldOut) = MemberSummary.Split(Corpus.Open("dotnet-docs").Documents());
Console.WriteLine($"{train.Count:N0} members to learn from, {heldOut.Count:N0} of other types");
var writer = new SummaryWriter(train, hiddenSize: 128, seed: 1);
foreach (var (step, loss) in writer.Train(train, steps, batchSize: 32, learningRate: 4e-3).Index())
    if ((step + 1) % 50 == 0) Console.WriteLine($"step {step + 1,5}: {loss:F3} nats/token");

MemberSummary[] asked = [.. heldOut.Where((_, i) => i % Math.Max(1, heldOut.Count / 300) == 0).Take(300)];
string[] written = [.. asked.Select(member => writer.Write(member.Source))];
foreach (var (member, text) in asked.Zip(written).Where((_, i) => i % 60 == 0)) Console.WriteLine($"\n{member.Source.Split('\n')[0]}\n  was:     {member.Sentence}\n  written: {text}");
Console.WriteLine();
(string Name, Func<string, string, FScore> Of)[] measures = [("ROUGE-1", (a, b) => Rouge.N(a, b, 1)), ("ROUGE-2", (a, b) => Rouge.N(a, b, 2)), ("ROUGE-L", (a, b) => Rouge.L(a, b))];
var scores = measures.Select(measure => (
    measure.Name, Model: 100 * asked.Zip(written).Average(pair => measure.Of(pair.Second, pair.First.Sentence).F1), Lead: 100 * asked.Average(member => measure.Of(member.Lead, member.Sentence).F1))).ToArray();
foreach (var (name, model, lead) in scores) Console.WriteLine($"{name}: {model:F1} written, {lead:F1} lead-1");
new Chart
{
    Title = "Summaries of members",
    Subtitle = $"{asked.Length} members of types that were kept apart, mean F1",
    X = new CategoryAxis("", [.. scores.Select(score => score.Name)]),
    Y = new LinearAxis("F1 × 100") { Minimum = 0 },
    Series = [new BarSeries("encoder–decoder", Series.Values(scores.Select(score => score.Model))), new BarSeries("lead-1", Series.Values(scores.Select(score => score.Lead)))],
}.SaveSvg(Path.Combine(folder, "summaries.svg"));
Console.WriteLine($"Wrote {Path.Combine(folder, "summaries.svg")}");
#endif

/// <summary>A member: what is said of its parts, and the sentence that says what it is for.</summary>
/// <param name="Source">The signature, then a line for each parameter, result, exception.</param>
/// <param name="Sentence">The first sentence of its summary.</param>
internal sealed record MemberSummary(string Source, string Sentence)
{
    /// <summary>The first sentence of what a reader of the source sees, without the word before it.</summary>
    public string Lead => FirstSentence(Source.Split('\n')[1] is var line && line.IndexOf(": ", StringComparison.Ordinal) is >= 0 and var colon ? line[(colon + 2)..] : line);

    /// <summary>The members of types, those of every tenth type apart.</summary>
    public static (IReadOnlyList<MemberSummary> Train, IReadOnlyList<MemberSummary> HeldOut) Split(IEnumerable<Document> types)
    {
        var (train, heldOut) = (new List<MemberSummary>(), new List<MemberSummary>());
        foreach (var (number, type) in types.Index()) (number % 10 == 9 ? heldOut : train).AddRange(Of(type));
        return (train, heldOut);
    }

    /// <summary>The members of a type of which more is said than a summary.</summary>
    public static IEnumerable<MemberSummary> Of(Document type) =>
        from paragraph in type.Text.Split("\n\n")
        let lines = paragraph.Trim().Split('\n')
        // What is said already of another member is left out of a paragraph: then the first line is no summary.
        where lines.Length >= 3 && !lines[1].Split(' ', 2)[0].EndsWith(':')
        select new MemberSummary(string.Join('\n', lines.Where((_, i) => i != 1)), FirstSentence(lines[1]));

    private static string FirstSentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is >= 0 and var end ? text[..(end + 1)] : text;
}

/// <summary>An encoder–decoder that writes a member's summary.</summary>
internal sealed class SummaryWriter
{
    private const int LongestSource = 56, LongestSentence = 28;

    private readonly PairTokens _tokens;
    private readonly Seq2SeqModel _model;

    public SummaryWriter(IReadOnlyList<MemberSummary> members, int hiddenSize, ulong seed)
    {
        Tokenizer tokenizer = new BpeTrainer { VocabSize = 2000 }.Train(members.Select(member => $"{member.Source}\n{member.Sentence}"));
        _tokens = new(tokenizer, tokenizer, lowercase: false);
        var config = new Seq2SeqConfig
        {
            SourceVocabSize = _tokens.SourceVocabSize,
            TargetVocabSize = _tokens.TargetVocabSize,
            EmbeddingSize = 96,
            HiddenSize = hiddenSize,
            Cell = new GruCellConfig(),
            Dropout = 0.1,
        };
        _model = new(config, new Weights(new InitialWeights(seed), Device.Cpu));
    }

    /// <summary>The loss of each step, in nats per token.</summary>
    public IEnumerable<double> Train(IReadOnlyList<MemberSummary> members, int steps, int batchSize, double learningRate)
    {
        var optimizer = new AdamConfig().Build(_model.Parameters);
        var schedule = new CosineSchedule { LearningRate = learningRate, FinalLearningRate = learningRate / 50, WarmupSteps = steps / 20 };
        for (var step = 0; step < steps; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var random = new RandomStream(1).Fork((ulong)step);
            var batch = Enumerable.Range(0, batchSize).Select(i => members[(int)random.Below(members.Count, (ulong)i)]);
            var loss = _model.Loss(PairBatch.Of([.. batch.Select(member => new TokenPair(Source(member.Source), Cut(_tokens.EncodeTarget(member.Sentence), LongestSentence)))], _tokens.TargetEnd), random.Fork("dropout"));
            optimizer.Step(tape.Backward(loss).ClipNorm(1), schedule.Rate(step, steps));
            yield return loss.ToScalar();
        }
    }

    /// <summary>The best sentence that a narrow beam finds.</summary>
    public string Write(string source)
    {
        using var scope = Memory.Scope();
        var search = new BeamSearch { Width = 3, MaxTokens = 40, LengthPenalty = 1 };
        return _tokens.Decode(search.Search(_model.Given(Source(source)), new[] { _tokens.TargetEnd }, _tokens.TargetEnd)[0].Tokens);
    }

    private int[] Source(string text) => Cut(_tokens.EncodeSource(text), LongestSource);

    private static int[] Cut(int[] tokens, int length) => tokens.Length <= length ? tokens : tokens[..length];
}
