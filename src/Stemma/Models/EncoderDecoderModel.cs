using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Models;

/// <summary>
/// An encoder–decoder whose decoder reads its own past and the source by attention: what the families of Vaswani et al. 2017,
/// arXiv:1706.03762, have in common. A family says how it encodes, decodes and projects.
/// </summary>
public abstract class EncoderDecoderModel : ConditionalModel
{
    /// <summary>Blocks of the decoder: each remembers keys and values of the target.</summary>
    internal abstract int DecoderLayerCount { get; }

    /// <summary>The most tokens of a target; null for any number.</summary>
    internal virtual int? TargetContext => null;

    /// <summary>The output projection, [target vocabulary, hidden].</summary>
    private protected abstract Tensor OutputWeight { get; }

    /// <summary>[target vocabulary], or none.</summary>
    private protected virtual Tensor? OutputBias => null;

    /// <summary>Reads sources: int32 [rows] to [rows, hidden].</summary>
    /// <param name="ids">The sources' tokens, source after source.</param>
    /// <param name="pass">Where each begins and ends; dropout.</param>
    public abstract Tensor Encode(Tensor ids, in Pass pass);

    /// <summary>What the decoder's blocks read of sources.</summary>
    internal abstract SourceKeys[] Remember(Tensor encoded, SequenceLayout layout);

    /// <summary>Reads targets: int32 [rows] to [rows, hidden], as the output projection wants them.</summary>
    internal abstract Tensor Decode(Tensor ids, SourceKeys[] sources, in Pass pass);

    /// <summary>The final hidden states of the target rows of a batch, [rows, hidden].</summary>
    public Tensor Hidden(PairBatch batch, RandomStream? dropout = null, IObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var encoded = Encode(Ids(batch.Sources), new(batch.SourceLayout, Dropout: dropout?.Fork("source")));
        return Decode(Ids(batch.Inputs), Remember(encoded, batch.SourceLayout), new(batch.TargetLayout, Dropout: dropout?.Fork("target"), Observer: observer));
    }

    /// <inheritdoc/>
    public override Tensor Loss(PairBatch batch, RandomStream? dropout = null, double labelSmoothing = 0, double? divisor = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return Hidden(batch, dropout).LinearCrossEntropy(OutputWeight, Ids(batch.Targets), labelSmoothing, divisor, OutputBias);
    }

    /// <inheritdoc/>
    public override Tensor Logits(PairBatch batch) => Project(Hidden(batch));

    /// <inheritdoc/>
    public override PairBatch Mixed(PairBatch batch, double probability, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var pause = Tape.Pause();
        using var scope = Memory.Scope();
        var (offsets, count) = (batch.TargetLayout.QueryOffsets.ToArray(), batch.TargetLayout.Count);
        var inputs = (int[])batch.Inputs.Clone();
        var sources = Remember(Encode(Ids(batch.Sources), new(batch.SourceLayout)), batch.SourceLayout);
        var (step, draws) = (SequenceLayout.Batch(count, 1), random.Fork("tokens"));
        SequenceCache[] states = [.. Enumerable.Range(0, count).Select(_ => new SequenceCache(DecoderLayerCount, batch.TargetLayout.LongestQuery))];
        for (var t = 0; t + 1 < batch.TargetLayout.LongestQuery; t++)
        {
            // Past its end a target is read on with its last token; nothing is drawn there.
            int[] tokens = [.. Enumerable.Range(0, count).Select(s => inputs[Math.Min(offsets[s] + t, offsets[s + 1] - 1)])];
            var probabilities = Project(Decode(Ids(tokens), sources, new(step, new KvCache(states)))).Softmax();
            for (var s = 0; s < count; s++)
            {
                states[s].Advance([tokens[s]]);
                var next = offsets[s] + t + 1;
                if (next < offsets[s + 1] && random.Uniform((ulong)next) < probability) inputs[next] = Draw(probabilities.Span<float>().Slice(s * Config.TargetVocabSize, Config.TargetVocabSize), draws.Uniform((ulong)next));
            }
        }
        foreach (var state in states) state.Dispose();
        return batch with { Inputs = inputs };
    }

    /// <inheritdoc/>
    public override ILanguageModel Given(ReadOnlyMemory<int> source)
    {
        if (source.IsEmpty) throw new ArgumentException("A source needs at least one token.", nameof(source));
        using var pause = Tape.Pause();
        return new EncoderDecoderTarget(this, source);
    }

    /// <summary>The logits of final hidden states, [rows, target vocabulary].</summary>
    internal Tensor Project(Tensor hidden) => hidden.Linear(OutputWeight, OutputBias);

    /// <summary>Token ids on the model's device.</summary>
    internal Tensor Ids(ReadOnlySpan<int> ids) => Tensor.From(ids, [ids.Length], Device);

    private static int Draw(ReadOnlySpan<float> probabilities, double left)
    {
        for (var token = 0; token < probabilities.Length; token++)
            if ((left -= probabilities[token]) < 0) return token;
        return probabilities.LastIndexOfAnyExcept(0f);
    }
}
