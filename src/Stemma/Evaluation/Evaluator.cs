using Stemma.Layers;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;

namespace Stemma.Evaluation;

/// <summary>
/// Measures how well a model predicts held-out text: every token but the first is predicted once. A model with a context length reads
/// it in windows of that; one that carries a state reads it from beginning to end.
/// </summary>
public static class Evaluator
{
    private const int RowsPerBatch = 4096;

    /// <summary>Tokens of a piece of a long text, for models that carry a state; a text below twice that is one piece.</summary>
    private const int PieceLength = 1 << 17;

    /// <summary>Tokens before its own that a piece is told but not asked, so that it does not begin with an empty state.</summary>
    private const int WarmUpLength = 1024;

    /// <summary>Predicts every token of a corpus but the first.</summary>
    /// <param name="model">Any language model.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="corpus">The text, document after document.</param>
    /// <param name="stride">Tokens from one window to the next; the context length when null. A smaller one gives every token more context and costs more.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="ConfigurationException">The stride is out of range, or the text too short.</exception>
    public static Evaluation Evaluate(
        ILanguageModel model, Tokenizer tokenizer, Corpus corpus, int? stride = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(corpus);
        var tokens = new List<int>();
        var documents = 0;
        foreach (var document in corpus.Documents())
        {
            tokenizer.Encode(document.Text, tokens);
            documents++;
            if (tokenizer.EndOfText is { } end) tokens.Add(end);
        }
        // One document needs no end: only boundaries between documents are part of the text.
        if (documents == 1 && tokenizer.EndOfText is not null) tokens.RemoveAt(tokens.Count - 1);
        if (tokens.Count < 2) throw new ConfigurationException($"{corpus.Name} holds {tokens.Count} tokens; an evaluation needs at least two.");
        return Evaluate(model, tokenizer, new ListTokens(tokens), stride, 0, progress, cancellation);
    }

    /// <summary>Predicts every token of a shard but the first.</summary>
    /// <param name="model">Any language model.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="shard">The text as tokens.</param>
    /// <param name="stride">See the other form.</param>
    /// <param name="limit">Only this many tokens from the start; 0 for all.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static Evaluation Evaluate(
        ILanguageModel model, Tokenizer tokenizer, TokenShard shard, int? stride = null, long limit = 0, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(shard);
        return Evaluate(model, tokenizer, new ShardTokens(shard), stride, limit, progress, cancellation);
    }

    private static Evaluation Evaluate(
        ILanguageModel model, Tokenizer tokenizer, ITokens tokens, int? stride, long limit, IProgress<double>? progress, CancellationToken cancellation)
    {
        var count = limit > 0 ? Math.Min(limit + 1, tokens.Length) : tokens.Length;
        if (count < 2) throw new ConfigurationException("The text holds fewer than two tokens; there is nothing to predict.");
        if (model is CarryingLanguageModel carrying)
        {
            if (stride is not null) throw new ConfigurationException("This model carries its state over the whole text and has no windows that a stride could move. Leave the stride out.");
            return Carried(carrying, tokenizer, tokens, count, progress, cancellation);
        }
        var context = (int)Math.Min(model.ContextLength ?? 4096, count - 1);
        if (stride is { } s && (s < 1 || s > context)) throw new ConfigurationException($"A stride of {s} does not work with a context of {context} tokens; it lies between 1 and the context.");
        var windows = SequentialWindows.Over(count, context, stride ?? context).ToList();
        var (nats, scored, bytes) = (0.0, 0L, 0L);
        var batchSize = model is NeuralLanguageModel ? Math.Max(1, RowsPerBatch / context) : 1;
        for (var start = 0; start < windows.Count; start += batchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = windows[start..Math.Min(windows.Count, start + batchSize)];
            nats += model is NeuralLanguageModel neural ? Together(neural, tokens, batch) : OneByOne(model, tokens, batch);
            foreach (var window in batch)
            {
                scored += window.Scored;
                bytes += ByteCount(tokenizer, tokens.Read(window.Start + window.Length - window.Scored, window.Scored));
            }
            progress?.Report((double)(start + batch.Count) / windows.Count);
        }
        return new(nats / scored, scored, bytes);
    }

    // From the first token to the last, the state carried along. A long text is cut into pieces that are read side by side.
    private static Evaluation Carried(CarryingLanguageModel model, Tokenizer tokenizer, ITokens tokens, long count, IProgress<double>? progress, CancellationToken cancellation)
    {
        using var pause = Tape.Pause();
        var pieces = (int)Math.Max(1, (count - 1) / PieceLength);
        using var state = model.NewState(pieces);
        // Of each piece: the next token to read, the first to score, and the end.
        var (next, first, end) = (new long[pieces], new long[pieces], new long[pieces]);
        for (var p = 0; p < pieces; p++)
        {
            (first[p], end[p]) = (1 + (count - 1) * p / pieces, 1 + (count - 1) * (p + 1) / pieces);
            next[p] = Math.Max(0, first[p] - 1 - (p == 0 ? 0 : WarmUpLength));
        }
        var (nats, scored, bytes, stretch) = (0.0, 0L, 0L, Math.Max(1, RowsPerBatch / 2 / pieces));
        while (scored < count - 1)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = Memory.Scope();
            var (inputs, targets, lengths) = (new List<int>(), new List<int>(), new int[pieces]);
            for (var p = 0; p < pieces; p++)
            {
                lengths[p] = (int)Math.Min(stretch, end[p] - 1 - next[p]);
                if (lengths[p] == 0) continue;
                var ids = tokens.Read(next[p], lengths[p] + 1);
                var unscored = (int)Math.Clamp(first[p] - 1 - next[p], 0, lengths[p]);
                inputs.AddRange(ids[..^1]);
                targets.AddRange(Enumerable.Repeat(TensorOps.IgnoreIndex, unscored));
                targets.AddRange(ids[(1 + unscored)..]);
                scored += lengths[p] - unscored;
                bytes += ByteCount(tokenizer, ids[(1 + unscored)..]);
                next[p] += lengths[p];
            }
            var pass = new Pass(SequenceLayout.Packed(lengths), State: state);
            nats += model.Loss(Tensor.From([.. inputs], [inputs.Count], model.Device), Tensor.From([.. targets], [targets.Count], model.Device), pass, divisor: 1).ToScalar();
            progress?.Report((double)scored / (count - 1));
        }
        return new(nats / scored, scored, bytes);
    }

    // Special tokens stand for no text.
    private static long ByteCount(Tokenizer tokenizer, int[] ids)
    {
        var (special, bytes) = (tokenizer.SpecialTokens, 0L);
        foreach (var id in ids)
            if (!special.Values.Contains(id)) bytes += tokenizer.Bytes(id).Length;
        return bytes;
    }

    // All windows in one pass: what trains a model scores it.
    private static double Together(NeuralLanguageModel model, ITokens tokens, List<SequentialWindow> windows)
    {
        using var pause = Tape.Pause();
        using var scope = Memory.Scope();
        var (inputs, targets) = (new List<int>(), new List<int>());
        foreach (var window in windows)
        {
            var ids = tokens.Read(window.Start, window.Length);
            inputs.AddRange(ids[..^1]);
            targets.AddRange(Enumerable.Repeat(TensorOps.IgnoreIndex, window.Length - 1 - window.Scored));
            targets.AddRange(ids[^window.Scored..]);
        }
        var layout = SequenceLayout.Packed([.. windows.Select(window => window.Length - 1)]);
        return model.Loss(Tensor.From([.. inputs], [inputs.Count], model.Device), Tensor.From([.. targets], [targets.Count], model.Device), new Pass(layout), divisor: 1).ToScalar();
    }

    private static double OneByOne(ILanguageModel model, ITokens tokens, List<SequentialWindow> windows)
    {
        var nats = 0.0;
        foreach (var window in windows)
        {
            var ids = tokens.Read(window.Start, window.Length);
            using var state = model.Start();
            model.Advance([new(state, ids.AsMemory(0, ids.Length - window.Scored), Wanted.None)], []);
            var scores = new double[window.Scored];
            model.Score(state, ids.AsSpan(ids.Length - window.Scored), scores);
            nats -= scores.Sum();
        }
        return nats;
    }

    private interface ITokens
    {
        long Length { get; }

        int[] Read(long start, int count);
    }

    private sealed class ShardTokens(TokenShard shard) : ITokens
    {
        public long Length => shard.Length;

        public int[] Read(long start, int count)
        {
            var ids = new int[count];
            shard.Read(start, ids);
            return ids;
        }
    }

    private sealed class ListTokens(List<int> tokens) : ITokens
    {
        public long Length => tokens.Count;

        public int[] Read(long start, int count) => [.. tokens.GetRange((int)start, count)];
    }
}
