using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;

namespace Stemma.Evaluation;

/// <summary>The log-probability of every token of a text but the first, in nats, by models that read without windows: counts, recurrent networks, mixtures.</summary>
public static class TokenScores
{
    private const int TokensPerBatch = 4096;

    /// <summary>Those of a corpus.</summary>
    /// <exception cref="ConfigurationException">The model reads in windows, or the text is too short.</exception>
    public static double[] Of(ILanguageModel model, Tokenizer tokenizer, Corpus corpus, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(corpus);
        var tokens = Evaluator.TokensOf(tokenizer, corpus);
        return Of(model, tokens.Count, (start, ids) => tokens.CopyTo(start, ids, 0, ids.Length), cancellation);
    }

    /// <summary>Those of a shard.</summary>
    /// <inheritdoc cref="Of(ILanguageModel, Tokenizer, Corpus, CancellationToken)" path="/exception"/>
    public static double[] Of(ILanguageModel model, TokenShard shard, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(shard);
        return Of(model, checked((int)shard.Length), (start, ids) => shard.Read(start, ids), cancellation);
    }

    private static double[] Of(ILanguageModel model, int count, Action<int, int[]> read, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.ContextLength is { } context) throw new ConfigurationException($"The model reads windows of {context} tokens; scores token by token come from models without such a limit, counts and recurrent networks.");
        if (count < 2) throw new ConfigurationException("The text holds fewer than two tokens; there is nothing to predict.");
        var (scores, first) = (new double[count - 1], new int[1]);
        using var state = model.Start();
        read(0, first);
        model.Advance([new(state, first, Wanted.None)], []);
        for (var start = 1; start < count; start += TokensPerBatch)
        {
            cancellation.ThrowIfCancellationRequested();
            var ids = new int[Math.Min(TokensPerBatch, count - start)];
            read(start, ids);
            model.Score(state, ids, scores.AsSpan(start - 1));
        }
        return scores;
    }
}
