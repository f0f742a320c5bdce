using Stemma.Generation;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Seq2Seq;

/// <summary>The model of what belongs to one source.</summary>
internal sealed class Target : ILanguageModel
{
    private readonly Seq2SeqModel _model;
    private readonly SourceMemory? _memory;
    private readonly float[][] _begin;

    public Target(Seq2SeqModel model, ReadOnlyMemory<int> source)
    {
        _model = model;
        // What is kept for all states belongs to the garbage collector, as the weights do.
        using var outside = Memory.Outside();
        var (states, memory) = model.Encode(model.Ids(source.ToArray()), new(SequenceLayout.Batch(1, source.Length)));
        (_memory, _begin) = (memory, [.. states.Select(state => state.ToArray<float>())]);
    }

    public int VocabSize => _model.Config.TargetVocabSize;

    public int? ContextLength => null;

    public ISequenceState Start() => new State(_begin);

    public void Advance(ReadOnlySpan<SequenceStep> batch, Span<float> logits)
    {
        using var pause = Tape.Pause();
        using var scope = Memory.Scope();
        var states = new State[batch.Length];
        var (tokens, lengths) = (new List<int>(), new int[batch.Length]);
        for (var i = 0; i < batch.Length; i++)
        {
            states[i] = batch[i].State as State ?? throw new ArgumentException("This state belongs to another kind of model.", nameof(batch));
            lengths[i] = batch[i].Tokens.Length;
            if (lengths[i] == 0) throw new ArgumentException("A step needs at least one token.", nameof(batch));
            tokens.AddRange(batch[i].Tokens.Span);
        }
        var layout = SequenceLayout.Packed(lengths);
        var before = _begin.Select((part, p) => Tensor.From(states.SelectMany(state => state.Parts[p]).ToArray(), [states.Length, part.Length], _model.Device)).ToArray();
        var (readout, after, weights) = _model.Decoder.Forward(_model.Ids([.. tokens]), new Pass(layout), before, _memory);
        var at = 0;
        for (var i = 0; i < states.Length; i++)
        {
            var (first, end) = (layout.QueryOffsets[i], layout.QueryOffsets[i + 1]);
            states[i].Advance([.. after.Select(part => part.Slice(0, i, 1).ToArray<float>())], readout.Slice(0, end - 1, 1).ToArray<float>(), weights?.Slice(0, first, end - first), end - first);
            var rows = batch[i].Logits switch { Wanted.None => 0, Wanted.Last => 1, _ => end - first };
            if (rows == 0) continue;
            _model.Project(readout.Slice(0, end - rows, rows)).Span<float>().CopyTo(logits[at..]);
            at += rows * VocabSize;
        }
    }

    public void Score(ISequenceState state, ReadOnlySpan<int> tokens, Span<double> logProbabilities)
    {
        if (state is not State { Readout: { } last }) throw new ArgumentException("Scoring continues a state that has seen at least one token.", nameof(state));
        using var pause = Tape.Pause();
        using var scope = Memory.Scope();
        var before = _model.Project(Tensor.From(last, [1, last.Length], _model.Device)).LogSoftmax().ToArray<float>();
        var logits = new float[VocabSize];
        for (var i = 0; i < tokens.Length; i++)
        {
            logProbabilities[i] = before[tokens[i]];
            Advance([new(state, new[] { tokens[i] }, Wanted.Last)], logits);
            before = Tensor.From(logits, [1, VocabSize], _model.Device).LogSoftmax().ToArray<float>();
        }
    }

    /// <summary>What is carried of one target; arrays that nobody changes, so that a copy costs nothing.</summary>
    private sealed class State(float[][] parts) : IAlignedState
    {
        private List<float[]> _alignment = [];

        public float[][] Parts { get; private set; } = parts;

        public float[]? Readout { get; private set; }

        public int Length { get; private set; }

        public IReadOnlyList<float[]> Alignment => _alignment;

        public void Advance(float[][] parts, float[] readout, Tensor? weights, int tokens)
        {
            (Parts, Readout, Length) = (parts, readout, Length + tokens);
            if (weights is not null) _alignment.AddRange(weights.ToArray<float>().Chunk(weights.Shape[1]));
        }

        public ISequenceState Fork() => new State(Parts) { Readout = Readout, Length = Length, _alignment = [.. _alignment] };

        // What was forgotten cannot be had back.
        public bool TryTruncate(int length)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            return length == Length;
        }

        public void Dispose()
        {
        }
    }
}
