using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Models;

/// <summary>The model of what belongs to one source: the source is encoded once, a target's keys and values are kept from token to token.</summary>
internal sealed class EncoderDecoderTarget : ILanguageModel
{
    private readonly EncoderDecoderModel _model;
    private readonly SourceKeys[] _source;

    public EncoderDecoderTarget(EncoderDecoderModel model, ReadOnlyMemory<int> source)
    {
        _model = model;
        // What is kept for all states belongs to the garbage collector, as the weights do.
        using var outside = Memory.Outside();
        var layout = SequenceLayout.Batch(1, source.Length);
        _source = model.Remember(model.Encode(model.Ids(source.Span), new(layout)), layout);
    }

    public int VocabSize => _model.Config.TargetVocabSize;

    public int? ContextLength => _model.TargetContext;

    public ISequenceState Start() => new EncoderDecoderState(new(_model.DecoderLayerCount, ContextLength ?? int.MaxValue));

    public void Advance(ReadOnlySpan<SequenceStep> batch, Span<float> logits)
    {
        using var pause = Tape.Pause();
        using var scope = Memory.Scope();
        var states = new EncoderDecoderState[batch.Length];
        var (tokens, lengths) = (new List<int>(), new int[batch.Length]);
        for (var i = 0; i < batch.Length; i++)
        {
            states[i] = batch[i].State as EncoderDecoderState ?? throw new ArgumentException("This state belongs to another kind of model.", nameof(batch));
            lengths[i] = batch[i].Tokens.Length;
            if (lengths[i] == 0) throw new ArgumentException("A step needs at least one token.", nameof(batch));
            if (states[i].Length + lengths[i] > ContextLength) throw new ArgumentException($"{states[i].Length} + {lengths[i]} tokens do not fit into a context of {ContextLength}.", nameof(batch));
            tokens.AddRange(batch[i].Tokens.Span);
        }
        var layout = SequenceLayout.Packed(lengths);
        var looks = new Looks(_model.DecoderLayerCount - 1);
        var hidden = _model.Decode(_model.Ids(tokens.ToArray()), _source, new(layout, new KvCache([.. states.Select(state => state.Cache)]), Observer: looks));
        for (var i = 0; i < states.Length; i++) states[i].Advance(batch[i].Tokens.Span, looks.Pattern!.Slice(0, layout.QueryOffsets[i], lengths[i]));
        var at = 0;
        for (var i = 0; i < states.Length; i++)
        {
            var rows = batch[i].Logits switch { Wanted.None => 0, Wanted.Last => 1, _ => lengths[i] };
            if (rows == 0) continue;
            _model.Project(hidden.Slice(0, layout.QueryOffsets[i + 1] - rows, rows)).Span<float>().CopyTo(logits[at..]);
            at += rows * VocabSize;
        }
    }

    public void Score(ISequenceState state, ReadOnlySpan<int> tokens, Span<double> logProbabilities)
    {
        if (state is not EncoderDecoderState { Length: > 0 } aligned) throw new ArgumentException("Scoring continues a state that has seen at least one token.", nameof(state));
        using var scope = Memory.Scope();
        // The state keeps no logits, so its last token is seen once more: row i then predicts token i.
        var last = aligned.Cache.Tokens[^1];
        aligned.TryTruncate(aligned.Length - 1);
        int[] inputs = [last, .. tokens];
        var logits = new float[tokens.Length * VocabSize];
        if (tokens.Length > 0) Advance([new(state, inputs.AsMemory(0, tokens.Length), Wanted.All)], logits);
        for (var i = 0; i < tokens.Length; i++)
            logProbabilities[i] = Tensor.From(logits.AsSpan(i * VocabSize, VocabSize), [1, VocabSize]).LogSoftmax().Span<float>()[tokens[i]];
        if (ContextLength is null || aligned.Length < ContextLength) Advance([new(state, inputs.AsMemory(tokens.Length, 1), Wanted.None)], []);
    }

    /// <summary>Keeps how the last block looks at the source, the mean over its heads.</summary>
    private sealed class Looks(int lastLayer) : IObserver
    {
        public Tensor? Pattern { get; private set; }

        public bool Watches(Site site, int layer) => site == Site.SourcePattern && layer == lastLayer;

        public Tensor Observe(Site site, int layer, Tensor value)
        {
            if (Watches(site, layer)) Pattern = value.Mean(1);
            return value;
        }
    }
}
