using System.Globalization;

namespace Stemma.Evaluation.Metrics.Translation;

/// <summary>
/// BLEU: the geometric mean of n-gram precisions times a penalty for brevity. Papineni et al. 2002; numbers as of sacreBLEU (Post
/// 2018, arXiv:1804.08771), whose signature it prints.
/// </summary>
public sealed record Bleu : CorpusMetric
{
    /// <summary>How segments become words.</summary>
    public BleuTokenizer Tokenizer { get; init; } = BleuTokenizer.Mteval13a;

    /// <summary>Whether letters are made small first.</summary>
    public bool LowerCase { get; init; }

    /// <summary>What is done about n-grams of which none matches.</summary>
    public BleuSmoothing Smoothing { get; init; } = BleuSmoothing.Exponential;

    /// <summary>The number that floor puts in place of 0, or that add-k adds; null for 0.1 and 1.</summary>
    public double? SmoothingValue { get; init; }

    /// <summary>The longest n-grams, ≥ 1.</summary>
    public int Order { get; init; } = 4;

    /// <summary>Whether orders that a short segment does not have are left out of the mean: for single segments.</summary>
    public bool EffectiveOrder { get; init; }

    /// <inheritdoc/>
    public override string Name => "BLEU";

    /// <summary>The lengths of hypothesis and closest reference, then matches, then n-grams of the hypothesis, per order.</summary>
    public override int CountLength => 2 + 2 * Order;

    /// <inheritdoc/>
    protected override string Settings => $"case:{(LowerCase ? "lc" : "mixed")}|eff:{(EffectiveOrder ? "yes" : "no")}|tok:{BleuTokenizers.Name(Tokenizer)}|smooth:{SmoothingName}";

    private string SmoothingName => Smoothing switch
    {
        BleuSmoothing.None => "none",
        BleuSmoothing.Floor => $"floor[{Value.ToString("0.00", CultureInfo.InvariantCulture)}]",
        BleuSmoothing.AddK => $"add-k[{Value.ToString("0.00", CultureInfo.InvariantCulture)}]",
        _ => "exp",
    };

    private double Value => SmoothingValue ?? (Smoothing == BleuSmoothing.Floor ? 0.1 : 1);

    /// <inheritdoc/>
    public override void Count(string hypothesis, IReadOnlyList<string> references, Span<double> counts)
    {
        ArgumentNullException.ThrowIfNull(references);
        var words = Cut(hypothesis);
        string[][] others = [.. references.Select(Cut)];
        counts[0] = words.Length;
        // The closest length; of two as close, the shorter.
        counts[1] = others.Select(other => other.Length).MinBy(length => (Math.Abs(length - words.Length), length));
        for (var n = 1; n <= Order; n++)
        {
            var most = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var other in others)
                foreach (var (run, count) in NGrams.Count(other, n)) most[run] = Math.Max(count, most.GetValueOrDefault(run));
            counts[1 + n] = NGrams.Matches(NGrams.Count(words, n), most);
            counts[1 + Order + n] = Math.Max(0, words.Length - n + 1);
        }
    }

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<double> counts) => Explain(counts).Score;

    /// <summary>The score with its parts.</summary>
    public BleuScore Explain(ReadOnlySpan<double> counts)
    {
        var (length, referenceLength) = (counts[0], counts[1]);
        var penalty = length >= referenceLength ? 1 : length > 0 ? Math.Exp(1 - referenceLength / length) : 0;
        var precisions = new double[Order];
        if (counts.Slice(2, Order).IndexOfAnyExcept(0.0) < 0) return new(0, precisions, penalty, (long)length, (long)referenceLength);
        var (halving, order) = (1.0, Order);
        for (var n = 1; n <= Order; n++)
        {
            var added = Smoothing == BleuSmoothing.AddK && n > 1 ? Value : 0;
            var (matches, total) = (counts[1 + n] + added, counts[1 + Order + n] + added);
            if (total == 0) break;
            if (EffectiveOrder) order = n;
            precisions[n - 1] = 100 / total * (matches > 0 ? matches : Smoothing switch
            {
                BleuSmoothing.Exponential => 1 / (halving *= 2),
                BleuSmoothing.Floor => Value,
                _ => 0,
            });
        }
        // The logarithm of nothing is as good as minus infinity, but finite, so that it can be averaged.
        var mean = precisions.Take(order).Sum(precision => precision > 0 ? Math.Log(precision) : -9999999999) / order;
        return new(penalty * Math.Exp(mean), precisions, penalty, (long)length, (long)referenceLength);
    }

    private string[] Cut(string text) => BleuTokenizers.Split(Tokenizer, Words.TrimEnd(LowerCase ? text.ToLowerInvariant() : text));
}

/// <summary>What BLEU does about n-grams of which none matches; Chen and Cherry 2014 compare them.</summary>
public enum BleuSmoothing
{
    /// <summary>NIST's: the first such order counts a half match, the next a quarter, and so on.</summary>
    Exponential,

    /// <summary>A small number in place of 0.</summary>
    Floor,

    /// <summary>A number is added to the counts of all orders above 1.</summary>
    AddK,

    /// <summary>Nothing: the score is 0.</summary>
    None,
}

/// <summary>BLEU and its parts.</summary>
/// <param name="Score">0 to 100.</param>
/// <param name="Precisions">Of each order, 0 to 100.</param>
/// <param name="BrevityPenalty">0 to 1.</param>
/// <param name="HypothesisLength">Words.</param>
/// <param name="ReferenceLength">Words.</param>
public sealed record BleuScore(double Score, IReadOnlyList<double> Precisions, double BrevityPenalty, long HypothesisLength, long ReferenceLength)
{
    /// <summary>As sacreBLEU prints it, without the signature.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Score:0.00} {string.Join('/', Precisions.Select(p => p.ToString("0.0", CultureInfo.InvariantCulture)))} (BP = {BrevityPenalty:0.000} ratio = {(ReferenceLength > 0 ? (double)HypothesisLength / ReferenceLength : 0):0.000} hyp_len = {HypothesisLength} ref_len = {ReferenceLength})");
}
