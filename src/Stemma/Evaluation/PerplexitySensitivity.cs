using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;

namespace Stemma.Evaluation;

/// <summary>
/// What a perplexity depends on beside the model: the unit it is counted by, the context that every token is given, and whether
/// documents are read as one text. Two perplexities compare only where all of these are equal; bits per byte depend on the last two alone.
/// </summary>
/// <param name="Units">The same surprise, per token, word, character and byte.</param>
/// <param name="Contexts">The same units, with more context for every token, and with every document by itself.</param>
public sealed record PerplexitySensitivity(IReadOnlyList<PerplexityUnit> Units, IReadOnlyList<PerplexityContext> Contexts)
{
    /// <summary>Windows move by these parts of the context.</summary>
    private static readonly int[] s_parts = [1, 2, 4];

    /// <summary>Measures it on a corpus.</summary>
    /// <param name="model">Any language model.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="corpus">The text, document after document.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="ConfigurationException">The text holds fewer than two tokens.</exception>
    public static PerplexitySensitivity Of(ILanguageModel model, Tokenizer tokenizer, Corpus corpus, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(corpus);
        return Of(model, tokenizer, Evaluator.TokensOf(tokenizer, corpus), progress, cancellation);
    }

    /// <summary>Measures it on tokens.</summary>
    /// <inheritdoc cref="Of(ILanguageModel, Tokenizer, Corpus, IProgress{double}?, CancellationToken)"/>
    /// <param name="model">Any language model.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="tokens">The text.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static PerplexitySensitivity Of(ILanguageModel model, Tokenizer tokenizer, IReadOnlyList<int> tokens, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(tokens);
        var hasWindows = model.ContextLength is { } most && model is not Models.CarryingLanguageModel && tokens.Count > 2;
        var strides = hasWindows ? s_parts.Select(part => Math.Max(1, Math.Min(model.ContextLength!.Value, tokens.Count - 1) / part)).Distinct().ToList() : [];
        // Each costs as many passes as it has windows over a place.
        var (total, done) = (1.0 + (hasWindows ? strides.Sum(stride => (double)strides[0] / stride) : 1), 0.0);

        var contexts = new List<PerplexityContext>();
        if (!hasWindows) contexts.Add(new("all of the text before", Measured(tokens, null, 1)));
        foreach (var stride in strides)
        {
            var least = strides[0] - stride;
            contexts.Add(new(least == 0 ? $"windows of {strides[0]} side by side: 0 to {strides[0] - 1} tokens before" : $"windows that move by {stride}: {least} to {strides[0] - 1} tokens before", Measured(tokens, stride, (double)strides[0] / stride)));
        }
        var first = contexts[0].Evaluation;
        if (tokenizer.EndOfText is { } end && Documents(tokens, end) is { Count: > 1 } documents)
            contexts.Add(new($"each of {documents.Count} documents by itself", Sum(documents.Select(document => Measured(document, null, (double)document.Count / tokens.Count)))));
        // Special tokens stand for no text, but part words.
        var special = tokenizer.SpecialTokens.Values.ToHashSet();
        List<List<int>> texts = [[]];
        foreach (var token in tokens.Skip(1))
        {
            if (special.Contains(token)) texts.Add([]);
            else texts[^1].Add(token);
        }
        return new(UnitsOf(first, [.. texts.Select(ids => tokenizer.Decode([.. ids]))]), contexts);

        Evaluation Measured(IReadOnlyList<int> text, int? stride, double share)
        {
            var (before, part) = (done, share / total);
            var found = Evaluator.Evaluate(model, tokenizer, text, stride, progress is null ? null : new Part(progress, before, part), cancellation);
            done += part;
            return found;
        }
    }

    private static PerplexityUnit[] UnitsOf(Evaluation evaluation, string[] texts)
    {
        var nats = evaluation.LossNatsPerToken * evaluation.Tokens;
        var words = texts.Sum(text => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length);
        return [Per("token", evaluation.Tokens), Per("word", words), Per("character", texts.Sum(text => text.EnumerateRunes().Count())), Per("byte", evaluation.Bytes)];

        PerplexityUnit Per(string unit, long count) => new(unit, count, nats / Math.Max(1, count));
    }

    // Each begins with the end of the one before it, which the model knows as the beginning of a text.
    private static List<List<int>> Documents(IReadOnlyList<int> tokens, int end)
    {
        List<List<int>> documents = [[]];
        foreach (var token in tokens)
        {
            documents[^1].Add(token);
            if (token == end) documents.Add([end]);
        }
        documents.RemoveAll(document => document.Count < 2);
        return documents;
    }

    private static Evaluation Sum(IEnumerable<Evaluation> parts)
    {
        var (nats, tokens, bytes) = (0.0, 0L, 0L);
        foreach (var part in parts) (nats, tokens, bytes) = (nats + part.LossNatsPerToken * part.Tokens, tokens + part.Tokens, bytes + part.Bytes);
        return new(nats / tokens, tokens, bytes);
    }

    private sealed class Part(IProgress<double> whole, double before, double share) : IProgress<double>
    {
        public void Report(double value) => whole.Report(Math.Min(1, before + share * value));
    }
}

/// <summary>How surprising a text is per unit of it.</summary>
/// <param name="Name">token, word, character or byte; words are separated by white space, characters are code points.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Nats">Nats of each.</param>
public sealed record PerplexityUnit(string Name, long Count, double Nats)
{
    /// <summary>Bits of each.</summary>
    public double Bits => Nats / Math.Log(2);

    /// <summary>e^nats.</summary>
    public double Perplexity => Math.Exp(Nats);
}

/// <summary>What is found where tokens are given a certain context.</summary>
/// <param name="Name">What a token sees.</param>
/// <param name="Evaluation">What is found.</param>
public sealed record PerplexityContext(string Name, Evaluation Evaluation);
