using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Mixture;
using Stemma.Models.NGram;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Evaluation;

/// <summary>
/// Measures how well a model predicts held-out text: every token but the first is predicted once (a model of counts, which knows how a
/// text begins, predicts that one too). A model with a context length reads the text in windows of that; one that carries a state, or
/// remembers without limit, reads it from beginning to end.
/// </summary>
public static class Evaluator
{
    private const int RowsPerBatch = 4096;

    /// <summary>Tokens of a piece of a long text, for models that carry a state; a text below twice that is one piece.</summary>
    private const int PieceLength = 1 << 17;

    /// <summary>Numbers that are computed at once for a model that carries a state.</summary>
    private const int MostLogits = 1 << 23;

    /// <summary>Tokens before its own that a piece is told but not asked, so that it does not begin with an empty state.</summary>
    private const int WarmUpLength = 1024;

    /// <summary>Predicts every token of a corpus but the first.</summary>
    /// <param name="model">Any language model.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="corpus">The text, document after document.</param>
    /// <param name="stride">Tokens from one window to the next; the context length when null. A smaller one gives every token more context and costs more.</param>
    /// <param name="documentsApart">Whether each document is read by itself, as a model is trained whose run keeps documents apart: no token is predicted from another document.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="ConfigurationException">The stride is out of range, or the text too short.</exception>
    public static Evaluation Evaluate(
        ILanguageModel model, Tokenizer tokenizer, Corpus corpus, int? stride = null, bool documentsApart = false, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(corpus);
        List<long> starts = [];
        var tokens = new ListTokens(TokensOf(tokenizer, corpus, starts));
        return documentsApart
            ? Apart(model, tokenizer, tokens, [.. starts], tokens.Length, stride, null, progress, cancellation)
            : Evaluate(model, tokenizer, tokens, stride, 0, null, progress, cancellation);
    }

    /// <summary>The tokens of a corpus as they are evaluated.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="corpus">The text.</param>
    /// <param name="starts">Takes where each document begins.</param>
    /// <exception cref="ConfigurationException">There are fewer than two.</exception>
    internal static List<int> TokensOf(Tokenizer tokenizer, Corpus corpus, List<long>? starts = null)
    {
        var tokens = new List<int>();
        var (documents, added) = (0, false);
        foreach (var document in corpus.Documents())
        {
            starts?.Add(tokens.Count);
            tokenizer.Encode(document.Text, tokens);
            documents++;
            // A text of lines may have ended already.
            added = tokenizer.EndOfText is { } end && (tokens.Count == 0 || tokens[^1] != end);
            if (added) tokens.Add(tokenizer.EndOfText!.Value);
        }
        // One document needs no end: only boundaries between documents are part of the text.
        if (documents == 1 && added) tokens.RemoveAt(tokens.Count - 1);
        if (tokens.Count < 2) throw new ConfigurationException($"{corpus.Name} holds {tokens.Count} tokens; an evaluation needs at least two.");
        return tokens;
    }

    /// <summary>Predicts every token of a shard but the first.</summary>
    /// <param name="model">Any language model.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="shard">The text as tokens.</param>
    /// <param name="stride">See the other form.</param>
    /// <param name="limit">Only this many tokens from the start; 0 for all.</param>
    /// <param name="window">Tokens of a window, for a model with a context length; that length when null. A longer one shows what it does beyond the trained length.</param>
    /// <param name="documentsApart">Whether each document is read by itself, as a model is trained whose run keeps documents apart: no token is predicted from another document.</param>
    /// <param name="progress">Told the fraction done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    public static Evaluation Evaluate(
        ILanguageModel model, Tokenizer tokenizer, TokenShard shard, int? stride = null, long limit = 0, int? window = null, bool documentsApart = false, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(shard);
        if (!documentsApart) return Evaluate(model, tokenizer, new ShardTokens(shard), stride, limit, window, progress, cancellation);
        var count = limit > 0 ? Math.Min(limit + 1, shard.Length) : shard.Length;
        return Apart(model, tokenizer, new ShardTokens(shard), shard.DocumentOffsets.ToArray(), count, stride, window, progress, cancellation);
    }

    /// <summary>Predicts every token of a text but the first.</summary>
    internal static Evaluation Evaluate(
        ILanguageModel model, Tokenizer tokenizer, IReadOnlyList<int> tokens, int? stride = null, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        Evaluate(model, tokenizer, new ListTokens([.. tokens]), stride, 0, null, progress, cancellation);

    private static Evaluation Evaluate(
        ILanguageModel model, Tokenizer tokenizer, ITokens tokens, int? stride, long limit, int? window, IProgress<double>? progress, CancellationToken cancellation)
    {
        var count = limit > 0 ? Math.Min(limit + 1, tokens.Length) : tokens.Length;
        if (count < 2) throw new ConfigurationException("The text holds fewer than two tokens; there is nothing to predict.");
        if (model is CarryingLanguageModel carrying)
        {
            if (stride is not null) throw new ConfigurationException("This model carries its state over the whole text and has no windows that a stride could move. Leave the stride out.");
            return Carried(carrying, tokenizer, tokens, count, progress, cancellation);
        }
        if (model.ContextLength is not { } most) return EndToEnd(model, tokenizer, tokens, count, stride, progress, cancellation);
        var context = ContextOf(model, most, window, count);
        CheckStride(stride, context);
        return Windows(model, tokenizer, tokens, SequentialWindows.Over(count, context, stride ?? context).ToList(), progress, cancellation);
    }

    private static Evaluation Apart(
        ILanguageModel model, Tokenizer tokenizer, ITokens tokens, long[] starts, long count, int? stride, int? window, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (model is CarryingLanguageModel) throw new ConfigurationException("This model carries its state from document to document; only models that attend can be measured on documents apart.");
        var context = ContextOf(model, model.ContextLength ?? int.MaxValue - 1, window, Math.Max(2, count));
        CheckStride(stride, context);
        var windows = SequentialWindows.Apart(starts, tokenizer.EndOfText is not null, count, context, stride ?? context).ToList();
        if (windows.Count == 0) throw new ConfigurationException("No document of the text has two tokens; there is nothing to predict.");
        return Windows(model, tokenizer, tokens, windows, progress, cancellation);
    }

    private static int ContextOf(ILanguageModel model, int most, int? window, long count)
    {
        var longest = model is NeuralLanguageModel { LongestSequence: var positions } ? positions : most;
        if (window > longest) throw new ConfigurationException($"A window of {window} tokens does not fit a model with {most} positions.");
        return (int)Math.Min(window ?? most, count - 1);
    }

    private static void CheckStride(int? stride, int context)
    {
        if (stride is { } s && (s < 1 || s > context)) throw new ConfigurationException($"A stride of {s} does not work with a context of {context} tokens; it lies between 1 and the context.");
    }

    private static Evaluation Windows(ILanguageModel model, Tokenizer tokenizer, ITokens tokens, List<SequentialWindow> windows, IProgress<double>? progress, CancellationToken cancellation)
    {
        var (nats, scored) = (0.0, 0L);
        var (bytes, blocks) = (new ByteCount(tokenizer), new List<EvaluationBlock>());
        for (var start = 0; start < windows.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            var (end, rows) = (start + 1, windows[start].Length - 1);
            while (model is NeuralLanguageModel && end < windows.Count && (rows += windows[end].Length - 1) <= RowsPerBatch) end++;
            var batch = windows[start..end];
            var (before, block) = (bytes.Total, model is NeuralLanguageModel neural ? Together(neural, tokens, batch) : OneByOne(model, tokens, batch));
            nats += block;
            foreach (var part in batch)
            {
                scored += part.Scored;
                bytes.Add(tokens.Read(part.Start + part.Length - part.Scored, part.Scored));
            }
            blocks.Add(new(block, bytes.Total - before));
            start = end;
            progress?.Report((double)start / windows.Count);
        }
        return new(nats / scored, scored, bytes.Total) { Blocks = blocks };
    }

    // A state that goes on is all the context there is.
    private static Evaluation EndToEnd(
        ILanguageModel model, Tokenizer tokenizer, ITokens tokens, long count, int? stride, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (stride is not null) throw new ConfigurationException("A stride has no meaning for a model without a limit to its context: every token has all of the text before it.");
        var (nats, bytes, blocks) = (0.0, new ByteCount(tokenizer), new List<EvaluationBlock>());
        int? unknown = tokenizer is WordTokenizer ? WordTokenizer.UnknownId : null;
        var (unknownNats, unknownTokens) = (0.0, 0L);
        var scores = new double[RowsPerBatch];
        using var state = model.Start();
        // The state of a model of counts knows that a text begins; the others have to see a token before they can predict one.
        var first = model is NGramModel or MixtureModel { IsOfCounts: true } ? 0 : 1;
        if (first > 0) model.Advance([new(state, tokens.Read(0, first), Wanted.None)], []);
        for (long start = first; start < count; start += RowsPerBatch)
        {
            cancellation.ThrowIfCancellationRequested();
            var ids = tokens.Read(start, (int)Math.Min(RowsPerBatch, count - start));
            model.Score(state, ids, scores);
            var (natsBefore, bytesBefore) = (nats, bytes.Total);
            for (var i = 0; i < ids.Length; i++)
            {
                nats -= scores[i];
                if (ids[i] != unknown) continue;
                unknownNats -= scores[i];
                unknownTokens++;
            }
            bytes.Add(ids);
            blocks.Add(new(nats - natsBefore, bytes.Total - bytesBefore));
            progress?.Report((double)(start + ids.Length) / count);
        }
        var scored = count - first;
        return new(nats / scored, scored, bytes.Total) { UnknownTokens = unknown is null ? null : unknownTokens, KnownLossNatsPerToken = unknown is null ? null : (nats - unknownNats) / (scored - unknownTokens), Blocks = blocks };
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
        var (scored, bytes) = (0L, new ByteCount(tokenizer));
        var stretch = Math.Max(1, Math.Clamp(MostLogits / model.VocabSize, 1, RowsPerBatch / 2) / pieces);
        // The same blocks as those of other models, so that they compare.
        var blocks = new EvaluationBlock[(count - 1 + RowsPerBatch - 1) / RowsPerBatch];
        while (scored < count - 1)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = Memory.Scope();
            var (inputs, targets, places, lengths) = (new List<int>(), new List<int>(), new List<long>(), new int[pieces]);
            for (var p = 0; p < pieces; p++)
            {
                lengths[p] = (int)Math.Min(stretch, end[p] - 1 - next[p]);
                if (lengths[p] == 0) continue;
                var ids = tokens.Read(next[p], lengths[p] + 1);
                inputs.AddRange(ids[..^1]);
                for (var i = 1; i < ids.Length; i++)
                {
                    var counts = next[p] + i >= first[p];
                    targets.Add(counts ? ids[i] : TensorOps.IgnoreIndex);
                    places.Add(next[p] + i - 1);
                    if (counts) scored++;
                }
                next[p] += lengths[p];
            }
            var pass = new Pass(SequenceLayout.Packed(lengths), State: state);
            var losses = model.Logits(Tensor.From([.. inputs], [inputs.Count], model.Device), pass).CrossEntropyRows(Tensor.From([.. targets], [targets.Count], model.Device)).Cast(DType.Float32).Span<float>();
            for (var row = 0; row < targets.Count; row++)
            {
                if (targets[row] == TensorOps.IgnoreIndex) continue;
                ref var block = ref blocks[places[row] / RowsPerBatch];
                block = new(block.Nats + losses[row], block.Bytes + bytes.Of(targets[row]));
            }
            progress?.Report((double)scored / (count - 1));
        }
        return new(blocks.Sum(block => block.Nats) / scored, scored, blocks.Sum(block => block.Bytes)) { Blocks = blocks };
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

    /// <summary>Counts the bytes that tokens stand for; special tokens stand for none.</summary>
    private sealed class ByteCount(Tokenizer tokenizer)
    {
        private readonly HashSet<int> _special = [.. tokenizer.SpecialTokens.Values];

        public long Total { get; private set; }

        public void Add(int[] tokens)
        {
            foreach (var token in tokens) Total += Of(token);
        }

        public int Of(int token) => _special.Contains(token) ? 0 : tokenizer.Bytes(token).Length;
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
