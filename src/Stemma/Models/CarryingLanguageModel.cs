using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models;

/// <summary>
/// A neural language model whose memory of a sequence has a fixed size, however long the sequence: a recurrent network's states, a
/// window's last words. It is trained over texts from beginning to end, its state carried from window to window.
/// </summary>
public abstract class CarryingLanguageModel : NeuralLanguageModel
{
    /// <summary>No limit: what the state cannot hold is forgotten. The configuration's context length is that of training windows.</summary>
    public sealed override int? ContextLength => null;

    /// <inheritdoc/>
    public sealed override int? LongestSequence => null;

    /// <summary>What is remembered of a sequence.</summary>
    public abstract IReadOnlyList<StatePart> StateParts { get; }

    /// <summary>The state of sequences that have seen nothing.</summary>
    public CarriedState NewState(int sequences) => new(StateParts, sequences, Device);

    /// <inheritdoc/>
    public sealed override ISequenceState Start() => new CarriedSequence(NewState(1));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The state has seen nothing: a neural model predicts from a token on.</exception>
    public sealed override void Score(ISequenceState state, ReadOnlySpan<int> tokens, Span<double> logProbabilities)
    {
        if (state is not CarriedSequence { LastHidden: { } last }) throw new ArgumentException("Scoring continues a state that has seen at least one token.", nameof(state));
        using var scope = Memory.Scope();
        var before = Project(Tensor.From(last, [1, last.Length], Device)).ToArray<float>();
        var rows = Math.Clamp((1 << 22) / VocabSize, 1, Math.Max(1, tokens.Length));
        var logits = new float[rows * VocabSize];
        for (var start = 0; start < tokens.Length; start += rows)
        {
            var count = Math.Min(rows, tokens.Length - start);
            Advance([new(state, tokens.Slice(start, count).ToArray(), Wanted.All)], logits);
            // Each row predicts the token after its own.
            for (var i = 0; i < count; i++) logProbabilities[start + i] = LogProbability(i == 0 ? before : logits.AsSpan((i - 1) * VocabSize, VocabSize), tokens[start + i]);
            logits.AsSpan((count - 1) * VocabSize, VocabSize).CopyTo(before);
        }
    }

    /// <inheritdoc/>
    protected sealed override double AttentionFlopsPerToken(int contextLength) => 0;

    private protected sealed override Tensor Continue(ReadOnlySpan<SequenceStep> batch, Tensor tokens, SequenceLayout layout)
    {
        var states = new CarriedSequence[batch.Length];
        for (var i = 0; i < states.Length; i++)
            states[i] = batch[i].State as CarriedSequence ?? throw new ArgumentException("This state belongs to another kind of model.", nameof(batch));
        using var together = states.Length == 1 ? null : NewState(states.Length);
        for (var i = 0; i < states.Length && together is not null; i++) together.CopyRow(i, states[i].State, 0);
        var hidden = Hidden(tokens, new Pass(layout, State: together ?? states[0].State));
        for (var i = 0; i < states.Length; i++)
        {
            if (together is not null) states[i].State.CopyRow(0, together, i);
            states[i].Advance(batch[i].Tokens.Length, hidden.Slice(0, layout.QueryOffsets[i + 1] - 1, 1));
        }
        return hidden;
    }
}
