using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Models;

/// <summary>A language model with weights: what training and checkpoints need beyond <see cref="ILanguageModel"/>.</summary>
public abstract class NeuralLanguageModel : ILanguageModel
{
    /// <summary>The model's weights, in the order of its construction.</summary>
    public abstract IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>What the model was built from.</summary>
    public abstract ModelConfig Config { get; }

    /// <inheritdoc/>
    public int VocabSize => Config.VocabSize;

    /// <inheritdoc/>
    public virtual int? ContextLength => Config.ContextLength;

    /// <summary>The most tokens that a pass can take: as many as have positions; null where positions do not end, as with waves, angles and distances.</summary>
    public virtual int? LongestSequence => Config.ContextLength;

    /// <summary>Where the weights are.</summary>
    public Device Device => Parameters[0].Value.Device;

    /// <summary>Floating-point operations per token of one training step (forward and backward), without attention's quadratic part.</summary>
    public double TrainingFlopsPerToken(int contextLength) => 6.0 * ActiveParameterCount + AttentionFlopsPerToken(contextLength);

    /// <summary>Weights that multiply every token: all but looked-up tables.</summary>
    protected abstract long ActiveParameterCount { get; }

    /// <summary>Operations per token of attention's scores and sums, forward and backward, at a context length.</summary>
    protected abstract double AttentionFlopsPerToken(int contextLength);

    /// <summary>The mean cross-entropy of the targets, in nats per token.</summary>
    /// <param name="inputs">int32 [rows]: tokens, sequence after sequence.</param>
    /// <param name="targets">int32 [rows]: what follows each; <see cref="TensorOps.IgnoreIndex"/> does not count.</param>
    /// <param name="pass">Layout, dropout, observers.</param>
    /// <param name="divisor">Divides the sum over rows; the number of rows that count when null.</param>
    public abstract Tensor Loss(Tensor inputs, Tensor targets, in Pass pass, double? divisor = null);

    /// <summary>The logits of every row, [rows, vocab].</summary>
    public virtual Tensor Logits(Tensor inputs, in Pass pass) => Project(Hidden(inputs, pass));

    /// <inheritdoc/>
    public abstract ISequenceState Start();

    /// <inheritdoc/>
    public void Advance(ReadOnlySpan<SequenceStep> batch, Span<float> logits)
    {
        using var pause = Tape.Pause();
        using var scope = Memory.Scope();
        var offsets = new int[batch.Length + 1];
        for (var i = 0; i < batch.Length; i++)
        {
            if (batch[i].Tokens.Length == 0) throw new ArgumentException("A step needs at least one token.", nameof(batch));
            offsets[i + 1] = offsets[i] + batch[i].Tokens.Length;
        }
        var tokens = new int[offsets[^1]];
        for (var i = 0; i < batch.Length; i++) batch[i].Tokens.Span.CopyTo(tokens.AsSpan(offsets[i]));
        var hidden = Continue(batch, Tensor.From(tokens, [tokens.Length], Device), new SequenceLayout(offsets, offsets));
        var at = 0;
        for (var i = 0; i < batch.Length; i++)
        {
            var rows = batch[i].Logits switch { Wanted.None => 0, Wanted.Last => 1, _ => batch[i].Tokens.Length };
            if (rows == 0) continue;
            var result = Project(hidden.Slice(0, offsets[i + 1] - rows, rows));
            result.Span<float>().CopyTo(logits[at..]);
            at += rows * VocabSize;
        }
    }

    /// <inheritdoc/>
    /// <remarks>When the tokens fill the context, the last of them is predicted but not added to the state.</remarks>
    /// <exception cref="ArgumentException">The state has seen nothing: a neural model predicts from a token on.</exception>
    public virtual void Score(ISequenceState state, ReadOnlySpan<int> tokens, Span<double> logProbabilities)
    {
        if (state is not SequenceCache { Length: > 0 } cache) throw new ArgumentException("Scoring continues a state that has seen at least one token.", nameof(state));
        // The state keeps no logits, so its last token is seen once more: row i then predicts token i.
        var last = cache.Tokens[^1];
        cache.TryTruncate(cache.Length - 1);
        int[] inputs = [last, .. tokens];
        var rows = Math.Clamp((1 << 22) / VocabSize, 1, Math.Max(1, tokens.Length));
        var logits = new float[rows * VocabSize];
        for (var start = 0; start < tokens.Length; start += rows)
        {
            var count = Math.Min(rows, tokens.Length - start);
            Advance([new(state, inputs.AsMemory(start, count), Wanted.All)], logits);
            for (var i = 0; i < count; i++) logProbabilities[start + i] = LogProbability(logits.AsSpan(i * VocabSize, VocabSize), tokens[start + i]);
        }
        // The last token may be one more than the context holds: it was predicted, and only a state with room can take it in.
        if (cache.Length < ContextLength) Advance([new(state, inputs.AsMemory(tokens.Length, 1), Wanted.None)], []);
    }

    /// <summary>The final hidden state of every row, [rows, hidden].</summary>
    protected abstract Tensor Hidden(Tensor inputs, in Pass pass);

    /// <summary>The logits of final hidden states, [rows, vocab].</summary>
    protected abstract Tensor Project(Tensor hidden);

    /// <summary>Extends the states of a batch by its tokens; here, by their keys and values.</summary>
    /// <param name="batch">Checked to have tokens.</param>
    /// <param name="tokens">All of them, int32 [rows].</param>
    /// <param name="layout">The rows of each step.</param>
    /// <returns>The final hidden state of every row, [rows, hidden].</returns>
    private protected virtual Tensor Continue(ReadOnlySpan<SequenceStep> batch, Tensor tokens, SequenceLayout layout)
    {
        var states = new SequenceCache[batch.Length];
        for (var i = 0; i < batch.Length; i++)
        {
            states[i] = batch[i].State as SequenceCache ?? throw new ArgumentException("This state belongs to another kind of model.", nameof(batch));
            if (states[i].Length + batch[i].Tokens.Length > ContextLength)
                throw new ArgumentException($"{states[i].Length} + {batch[i].Tokens.Length} tokens do not fit into a context of {ContextLength}.", nameof(batch));
        }
        var hidden = Hidden(tokens, new Pass(layout, new KvCache(states)));
        for (var i = 0; i < states.Length; i++) states[i].Advance(batch[i].Tokens.Span);
        return hidden;
    }

    private protected static double LogProbability(ReadOnlySpan<float> logits, int token)
    {
        var max = float.NegativeInfinity;
        foreach (var logit in logits) max = Math.Max(max, logit);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit - max);
        return logits[token] - max - Math.Log(sum);
    }
}
