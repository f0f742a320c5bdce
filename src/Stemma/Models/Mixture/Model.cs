using Stemma.Models.NGram;

namespace Stemma.Models.Mixture;

/// <summary>
/// Several models as one: p(w|h) = Σ λᵢ·pᵢ(w|h), with weights that do not depend on h. Jelinek and Mercer 1980. The parts may be of any
/// kind as long as their tokens are the same.
/// </summary>
public sealed class MixtureModel : ILanguageModel, IDisposable
{
    private readonly ILanguageModel[] _parts;
    private readonly double[] _logWeights;

    /// <summary>A mixture.</summary>
    /// <param name="parts">The models; they are disposed of with the mixture.</param>
    /// <param name="weights">λ, one for each, not negative, together 1.</param>
    /// <exception cref="ConfigurationException">Other numbers of models and weights, or weights that are none.</exception>
    public MixtureModel(IReadOnlyList<ILanguageModel> parts, IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(weights);
        Validate(weights, parts.Count);
        _parts = [.. parts];
        Weights = [.. weights];
        _logWeights = [.. weights.Select(weight => Math.Log(weight))];
        VocabSize = parts.Max(part => part.VocabSize);
        ContextLength = parts.Min(part => part.ContextLength);
    }

    /// <summary>λ, one for each part.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>The models.</summary>
    public IReadOnlyList<ILanguageModel> Parts => _parts;

    /// <summary>The most tokens that a part knows; what a part does not know is impossible to it.</summary>
    public int VocabSize { get; }

    /// <summary>The least of the parts'.</summary>
    public int? ContextLength { get; }

    /// <summary>Whether all parts are models of counts, which know how a text begins.</summary>
    internal bool IsOfCounts => _parts.All(part => part is NGramModel);

    /// <summary>Throws unless weights are shares of a whole.</summary>
    /// <exception cref="ConfigurationException">They are not; the message says why.</exception>
    public static void Validate(IReadOnlyList<double> weights, int parts)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (parts < 2) throw new ConfigurationException("A mixture needs at least two models.");
        if (weights.Count != parts) throw new ConfigurationException($"There are {weights.Count} weights for {parts} models; give one for each.");
        if (weights.Any(weight => !(weight >= 0)) || Math.Abs(weights.Sum() - 1) > 1e-6) throw new ConfigurationException($"The weights {string.Join(", ", weights)} are not shares of a whole: none may be negative, and together they are 1.");
    }

    /// <inheritdoc/>
    public ISequenceState Start() => new State([.. _parts.Select(part => part.Start())]);

    /// <inheritdoc/>
    public void Advance(ReadOnlySpan<SequenceStep> batch, Span<float> logits)
    {
        var rows = 0;
        foreach (var step in batch) rows += step.Logits switch { Wanted.None => 0, Wanted.Last => 1, _ => step.Tokens.Length };
        logits[..(rows * VocabSize)].Fill(float.NegativeInfinity);
        for (var i = 0; i < _parts.Length; i++)
        {
            var (part, own) = (_parts[i], new SequenceStep[batch.Length]);
            for (var s = 0; s < own.Length; s++) own[s] = batch[s] with { State = StatesOf(batch[s].State)[i] };
            var scores = new float[rows * part.VocabSize];
            part.Advance(own, scores);
            for (var row = 0; row < rows; row++) AddTo(logits.Slice(row * VocabSize, part.VocabSize), scores.AsSpan(row * part.VocabSize, part.VocabSize), _logWeights[i]);
        }
        foreach (var step in batch) ((State)step.State).Length += step.Tokens.Length;
    }

    /// <inheritdoc/>
    public void Score(ISequenceState state, ReadOnlySpan<int> tokens, Span<double> logProbabilities)
    {
        var states = StatesOf(state);
        logProbabilities[..tokens.Length].Fill(double.NegativeInfinity);
        var scores = new double[tokens.Length];
        for (var i = 0; i < _parts.Length; i++)
        {
            _parts[i].Score(states[i], tokens, scores);
            for (var t = 0; t < scores.Length; t++) logProbabilities[t] = LogSum(logProbabilities[t], _logWeights[i] + scores[t]);
        }
        ((State)state).Length += tokens.Length;
    }

    /// <summary>Disposes of the parts.</summary>
    public void Dispose()
    {
        foreach (var part in _parts) (part as IDisposable)?.Dispose();
    }

    private static ISequenceState[] StatesOf(ISequenceState state) => (state as State ?? throw new ArgumentException("This state belongs to another kind of model.", nameof(state))).Parts;

    // Adds λ·softmax(scores), all as logarithms.
    private static void AddTo(Span<float> sum, ReadOnlySpan<float> scores, double logWeight)
    {
        var most = double.NegativeInfinity;
        foreach (var score in scores) most = Math.Max(most, score);
        var total = 0.0;
        foreach (var score in scores) total += Math.Exp(score - most);
        var shift = logWeight - most - Math.Log(total);
        for (var i = 0; i < scores.Length; i++) sum[i] = (float)LogSum(sum[i], scores[i] + shift);
    }

    private static double LogSum(double a, double b)
    {
        var (more, less) = a > b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(less) ? more : more + Math.Log(1 + Math.Exp(less - more));
    }

    private sealed class State(ISequenceState[] parts) : ISequenceState
    {
        public ISequenceState[] Parts { get; } = parts;

        public int Length { get; set; }

        public ISequenceState Fork() => new State([.. Parts.Select(part => part.Fork())]) { Length = Length };

        // All or none: a part that cannot go back is asked on a copy first.
        public bool TryTruncate(int length)
        {
            if (length == Length) return true;
            foreach (var part in Parts)
            {
                using var copy = part.Fork();
                if (!copy.TryTruncate(length)) return false;
            }
            foreach (var part in Parts) part.TryTruncate(length);
            Length = length;
            return true;
        }

        public void Dispose()
        {
            foreach (var part in Parts) part.Dispose();
        }
    }
}
