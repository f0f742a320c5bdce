namespace Stemma.Generation;

/// <summary>
/// Looks for the likeliest continuations: keeps the best few beginnings, extends each by every token, and keeps the best few again. Lowerre
/// 1976; for translation Sutskever et al. 2014, arXiv:1409.3215. With a width of all sequences there are, it finds them in their true order.
/// </summary>
/// <remarks>
/// Hypotheses that have ended are ranked by ln p ÷ lp + cp with lp = ((5 + length) ÷ 6)^α and cp = β · Σ ln min(Σ weights, 1) over the
/// source's tokens: Wu et al. 2016, arXiv:1609.08144, equation 14. It stops when as many hypotheses as it is wide have ended, or when
/// nothing alive can come before those to be returned.
/// </remarks>
public sealed record BeamSearch
{
    /// <summary>Beginnings kept; 1 is greedy decoding.</summary>
    public int Width { get; init; } = 5;

    /// <summary>The most tokens of a continuation, its end not counted.</summary>
    public int MaxTokens { get; init; } = 128;

    /// <summary>How many hypotheses to return, the best first; at most <see cref="Width"/>.</summary>
    public int Best { get; init; } = 1;

    /// <summary>α: 0 ranks by probability, which favours short continuations; 1 nearly by the mean over tokens.</summary>
    public double LengthPenalty { get; init; }

    /// <summary>β: how much it costs to leave tokens of the source unread; needs a model that looks at its source.</summary>
    public double CoveragePenalty { get; init; }

    /// <summary>Throws when a field is out of range.</summary>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public void Validate()
    {
        Check.Positive(Width, "beam");
        Check.Positive(MaxTokens, "max-tokens");
        Check.Positive(Best, "nbest");
        Check.NotNegative(LengthPenalty, "length-penalty");
        Check.NotNegative(CoveragePenalty, "coverage-penalty");
        if (Best > Width) throw new ConfigurationException($"nbest is {Best} and the beam {Width} wide; it returns at most as many as it keeps. Widen the beam.");
    }

    /// <summary>The best continuations of a prompt.</summary>
    /// <param name="model">Any language model.</param>
    /// <param name="prompt">At least one token.</param>
    /// <param name="end">The token that ends a continuation.</param>
    /// <param name="tokenCount">Only ids below this are chosen (a vocabulary may be padded); all of the model's when null.</param>
    /// <returns>The best first; fewer than asked for where fewer have ended, and the best one cut off at the most tokens where none has.</returns>
    /// <exception cref="ConfigurationException">A field is out of range, or coverage is asked of a model that does not look at a source.</exception>
    public IReadOnlyList<Hypothesis> Search(ILanguageModel model, ReadOnlyMemory<int> prompt, int end, int? tokenCount = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (prompt.IsEmpty) throw new ArgumentException("A search needs at least one token to start from.", nameof(prompt));
        Validate();
        var count = Math.Min(tokenCount ?? model.VocabSize, model.VocabSize);
        List<Beginning> alive = [new(model.Start(), prompt, [], 0)];
        var ended = new List<Hypothesis>();
        try
        {
            for (var length = 0; alive.Count > 0; length++)
            {
                var steps = alive.Select(beginning => new SequenceStep(beginning.State, beginning.Next, Wanted.Last)).ToArray();
                var logits = new float[steps.Length * model.VocabSize];
                model.Advance(steps, logits);
                var (kept, isLast) = (new List<Candidate>(), length == MaxTokens);
                foreach (var candidate in Candidates(alive, logits, model.VocabSize, count))
                {
                    if (candidate.Token == end) ended.Add(Finish(alive[candidate.From], candidate.LogProbability, hasEnded: true));
                    else if (!isLast) kept.Add(candidate);
                    if (kept.Count == Width) break;
                }
                if (isLast && ended.Count == 0) return [Finish(alive[0], alive[0].LogProbability, hasEnded: false)];
                if (isLast || ended.Count >= Width || IsDecided(ended, kept)) break;
                alive = Extend(alive, kept);
            }
        }
        finally
        {
            foreach (var beginning in alive) beginning.State.Dispose();
        }
        return [.. ended.OrderByDescending(hypothesis => hypothesis.Score).Take(Best)];
    }

    /// <summary>The likeliest extensions of every beginning, the likeliest first; as many of each as could be kept, and one more for the end.</summary>
    private IEnumerable<Candidate> Candidates(List<Beginning> alive, float[] logits, int vocabSize, int count)
    {
        var all = new List<Candidate>();
        var tokens = new int[count];
        for (var from = 0; from < alive.Count; from++)
        {
            var row = logits.AsSpan(from * vocabSize, count);
            var (max, sum) = (float.NegativeInfinity, 0.0);
            foreach (var logit in row) max = MathF.Max(max, logit);
            if (!float.IsFinite(max)) throw new ArgumentException("No token has a finite logit; the model's weights are broken.", nameof(logits));
            foreach (var logit in row) sum += Math.Exp(logit - max);
            var normaliser = max + Math.Log(sum);
            foreach (var token in Likeliest(row, tokens, Math.Min(Width + 1, count))) all.Add(new(from, token, alive[from].LogProbability + row[token] - normaliser));
        }
        return all.OrderByDescending(candidate => candidate.LogProbability).ThenBy(candidate => candidate.From).ThenBy(candidate => candidate.Token);
    }

    // The largest logits, the lowest id among equals.
    private static Span<int> Likeliest(ReadOnlySpan<float> logits, int[] tokens, int wanted)
    {
        var found = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            if (found == wanted && !(logits[token] > logits[tokens[found - 1]])) continue;
            var place = found == wanted ? found - 1 : found++;
            for (; place > 0 && logits[token] > logits[tokens[place - 1]]; place--) tokens[place] = tokens[place - 1];
            tokens[place] = token;
        }
        return tokens.AsSpan(0, found);
    }

    // No beginning gets likelier, and none can be divided by more than the longest may.
    private bool IsDecided(List<Hypothesis> ended, List<Candidate> kept)
    {
        if (kept.Count == 0) return true;
        if (ended.Count < Best) return false;
        var worst = ended.OrderByDescending(hypothesis => hypothesis.Score).ElementAt(Best - 1).Score;
        return worst >= kept[0].LogProbability / Penalty(MaxTokens + 1);
    }

    private static List<Beginning> Extend(List<Beginning> alive, List<Candidate> kept)
    {
        List<Beginning> extended = [.. kept.Select(candidate => new Beginning(
            alive[candidate.From].State.Fork(), new[] { candidate.Token }, [.. alive[candidate.From].Tokens, candidate.Token], candidate.LogProbability))];
        foreach (var beginning in alive) beginning.State.Dispose();
        return extended;
    }

    private Hypothesis Finish(Beginning beginning, double logProbability, bool hasEnded)
    {
        var tokens = beginning.Tokens;
        var alignment = beginning.State is IAlignedState { Alignment: { Count: > 0 } looks } ? looks.TakeLast(tokens.Length + 1).ToArray() : [];
        return new(tokens, logProbability, logProbability / Penalty(tokens.Length + (hasEnded ? 1 : 0)) + Coverage(alignment), hasEnded) { Alignment = alignment };
    }

    private double Penalty(int length) => Math.Pow((5.0 + length) / 6, LengthPenalty);

    private double Coverage(float[][] alignment)
    {
        if (CoveragePenalty == 0) return 0;
        if (alignment.Length == 0) throw new ConfigurationException("A coverage penalty needs a model that looks at its source; this one has no attention. Leave coverage-penalty at 0.");
        var sum = 0.0;
        for (var place = 0; place < alignment[0].Length; place++) sum += Math.Log(Math.Min(Math.Max(alignment.Sum(weights => (double)weights[place]), 1e-12), 1));
        return CoveragePenalty * sum;
    }

    private sealed record Beginning(ISequenceState State, ReadOnlyMemory<int> Next, int[] Tokens, double LogProbability);

    private readonly record struct Candidate(int From, int Token, double LogProbability);
}
