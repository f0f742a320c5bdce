#:project ../src/Stemma/Stemma.csproj
#:property PublishAot=false

// Lab 18: is the difference real?
//
//     dotnet run -c Release labs/18-chance.cs [folder] [trials]
//
// Two systems answer the same questions. An answer is drawn by Gumbel's noise: the choice whose logit and noise are highest together, which draws from
// the softmax without ever computing it. Noise that both systems meet is what makes a question hard for both; noise of their own is luck. The lab
// asks four tests for the p-value of the difference, many times over. Where the systems are equally good it should be uniform, so that one in twenty is below
// a twentieth; Kolmogorov and Smirnov's test tells how far from that it is. Answers are counted in whole numbers, which makes tests a little too careful;
// one that takes the questions for other ones is careful beyond use. Where one system is better the others see it. The answer is a figure (SVG).
using Stemma.Evaluation.Statistics;
using Stemma.Numerics;
using Stemma.Numerics.Distributions;

#if !LINKED // The tests compile the class below without this program.
using Stemma.Reporting;

var folder = args.Length > 0 ? args[0] : "figures";
var trials = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1000;
var series = new List<Series>();
foreach (var (what, gain) in new[] { ("equally good", 0.0), ("3 points better", 0.03) })
{
    var found = new TwoSystems(questions: 400, right: 0.6, gain, shared: 0.9, seed: 1).PValues(trials);
    Console.WriteLine(what);
    foreach (var (i, test) in TwoSystems.Tests.Index())
    {
        double[] p = [.. found.Select(values => values[i]).Order()];
        var uniform = SignificanceTests.KolmogorovSmirnov(p, x => Math.Clamp(x, 0, 1));
        Console.WriteLine($"  {test,-34} below 0.05: {p.Count(value => value < 0.05) / (double)trials,6:P1}   distance from uniform {uniform.Statistic:F3} (p = {uniform.PValue:G2})");
        if (i is 0 or 3) series.Add(new LineSeries($"{test}, {what}", [.. p.Select((value, rank) => new ChartPoint(value, 100.0 * (rank + 1) / trials)).Where((_, rank) => rank % Math.Max(1, trials / 200) == 0)]) { IsDashed = gain == 0 });
    }
}
new Chart
{
    Title = "How often a p-value is at most so large",
    Subtitle = $"{trials:N0} comparisons of two systems on 400 questions; the diagonal is what chance allows",
    X = new LinearAxis("p-value") { Minimum = 0, Maximum = 1 },
    Y = new LinearAxis("% of comparisons") { Minimum = 0, Maximum = 100 },
    Series = series,
}.SaveSvg(Path.Combine(folder, "chance.svg"));
Console.WriteLine($"Wrote {Path.Combine(folder, "chance.svg")}");
#endif

/// <summary>Two systems that answer the same questions right with given probabilities.</summary>
/// <param name="questions">In each comparison; a multiple of 20.</param>
/// <param name="right">How often the first is right.</param>
/// <param name="gain">How much more often the second is.</param>
/// <param name="shared">The share of questions on which both meet the same noise.</param>
/// <param name="seed">Decides all draws.</param>
internal sealed class TwoSystems(int questions, double right, double gain, double shared, ulong seed)
{
    private const int BlockLength = 20;

    public static readonly string[] Tests = ["McNemar, question by question", "t, block by block", "Wilcoxon, block by block", "χ², as if they were other questions"];

    private readonly Categorical _first = Answers(right), _second = Answers(right + gain);

    /// <summary>The p-values of <see cref="Tests"/>, comparison after comparison.</summary>
    public IEnumerable<double[]> PValues(int trials) => Enumerable.Range(0, trials).Select(trial => Compare(new RandomStream(seed).Fork((ulong)trial))).ToList();

    /// <summary>Whether each system is right on each question.</summary>
    public IEnumerable<(bool First, bool Second)> Ask(RandomStream random)
    {
        for (var question = 0UL; question < (ulong)questions; question++)
        {
            var (difficulty, own) = (random.Fork(1), random.Fork(random.Uniform(question) < shared ? 1UL : 2));
            yield return (_first.SampleGumbel(difficulty, question) == 0, _second.SampleGumbel(own, question) == 0);
        }
    }

    private double[] Compare(RandomStream random)
    {
        var answers = Ask(random).ToList();
        int onlyFirst = answers.Count(both => both is (true, false)), onlySecond = answers.Count(both => both is (false, true)), first = answers.Count(both => both.First), second = answers.Count(both => both.Second);
        double[] differences = [.. answers.Chunk(BlockLength).Select(block => (double)block.Count(both => both.Second) - block.Count(both => both.First))];
        return
        [
            SignificanceTests.McNemar(onlyFirst, onlySecond).PValue,
            differences.Distinct().Count() > 1 ? SignificanceTests.PairedT(differences).PValue : 1,
            differences.Any(difference => difference != 0) ? SignificanceTests.Wilcoxon(differences).PValue : 1,
            SignificanceTests.ChiSquare(new long[,] { { first, questions - first }, { second, questions - second } }).PValue,
        ];
    }

    // The first answer of four is right.
    private static Categorical Answers(double right) => new([right, (1 - right) / 3, (1 - right) / 3, (1 - right) / 3]);
}
