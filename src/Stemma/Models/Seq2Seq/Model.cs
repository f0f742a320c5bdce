using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Seq2Seq;

/// <summary>
/// A recurrent encoder–decoder, with or without attention: an encoder from either end, a decoder, an output projection. Sutskever et al.
/// 2014, arXiv:1409.3215; Bahdanau et al. 2014, arXiv:1409.0473; Luong et al. 2015, arXiv:1508.04025.
/// </summary>
public sealed class Seq2SeqModel : ConditionalModel
{
    private readonly Seq2SeqConfig _config;
    private readonly Encoder _encoder;
    private readonly Parameter _output, _outputBias;

    /// <summary>Builds the model.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public Seq2SeqModel(Seq2SeqConfig config, IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        config.Validate();
        _config = config;
        _encoder = new(config, weights["encoder"]);
        Decoder = config.Attention.Build(config, weights["decoder"]);
        _output = weights["output"].Tensor("weight", [config.TargetVocabSize, config.HiddenSize], new Initializer.Uniform(0.1));
        _outputBias = weights["output"].Tensor("bias", [config.TargetVocabSize], new Initializer.Constant(0));
        Parameters = weights.All;
    }

    /// <inheritdoc/>
    public override ConditionalModelConfig Config => _config;

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Whether the decoder looks at the source.</summary>
    public bool Attends => _config.Attention is not NoAttentionConfig;

    internal Decoder Decoder { get; }

    /// <inheritdoc/>
    public override Tensor Loss(PairBatch batch, RandomStream? dropout = null, double labelSmoothing = 0, double? divisor = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return Decode(batch, dropout).Readout.LinearCrossEntropy(_output, Ids(batch.Targets), labelSmoothing, divisor, _outputBias);
    }

    /// <inheritdoc/>
    public override Tensor Logits(PairBatch batch) => Project(Decode(batch, null).Readout);

    /// <summary>How each target row looks at its source: [rows, longest source].</summary>
    /// <exception cref="InvalidOperationException">The decoder does not look at the source.</exception>
    public Tensor Alignment(PairBatch batch) => Decode(batch, null).Weights ?? throw new InvalidOperationException("A model without attention has no alignment.");

    /// <inheritdoc/>
    public override PairBatch Mixed(PairBatch batch, double probability, RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var pause = Tape.Pause();
        using var scope = Memory.Scope();
        var (offsets, count) = (batch.TargetLayout.QueryOffsets.ToArray(), batch.TargetLayout.Count);
        var inputs = (int[])batch.Inputs.Clone();
        var (states, memory) = Encode(Ids(batch.Sources), new(batch.SourceLayout));
        var (step, draws) = (new Pass(SequenceLayout.Batch(count, 1)), random.Fork("tokens"));
        for (var t = 0; t + 1 < batch.TargetLayout.LongestQuery; t++)
        {
            int[] rows = [.. Enumerable.Range(0, count).Select(s => Math.Min(offsets[s] + t, offsets[s + 1] - 1))];
            (var readout, states, _) = Decoder.Forward(Ids([.. rows.Select(row => inputs[row])]), step, states, memory);
            var probabilities = Project(readout).Softmax();
            for (var s = 0; s < count; s++)
            {
                var next = offsets[s] + t + 1;
                if (next < offsets[s + 1] && random.Uniform((ulong)next) < probability) inputs[next] = Draw(probabilities.Span<float>().Slice(s * _config.TargetVocabSize, _config.TargetVocabSize), draws.Uniform((ulong)next));
            }
        }
        return batch with { Inputs = inputs };
    }

    /// <inheritdoc/>
    public override double TrainingFlops(int sourceTokens, int targetTokens)
    {
        // Weights that multiply every token: matrices, looked-up tables left out.
        var (encoder, decoder) = (0L, 0L);
        foreach (var weight in Parameters.Where(weight => weight.Shape.Rank == 2 && !weight.Name.EndsWith("tokens.weight", StringComparison.Ordinal) && !weight.Name.StartsWith("decoder.begin.", StringComparison.Ordinal)))
        {
            if (weight.Name.StartsWith("encoder.", StringComparison.Ordinal)) encoder += weight.Shape.Count;
            else decoder += weight.Shape.Count;
        }
        return 6.0 * (encoder * (double)sourceTokens + decoder * (double)targetTokens);
    }

    /// <inheritdoc/>
    public override ILanguageModel Given(ReadOnlyMemory<int> source)
    {
        if (source.IsEmpty) throw new ArgumentException("A source needs at least one token.", nameof(source));
        using var pause = Tape.Pause();
        return new Target(this, source);
    }

    /// <summary>Reads sources: the states that targets begin from, and what there is to look at.</summary>
    internal (IReadOnlyList<Tensor> States, SourceMemory? Memory) Encode(Tensor ids, in Pass pass)
    {
        var (rows, summary) = _encoder.Forward(ids, pass);
        return (Decoder.Begin(summary), Decoder.Remember(rows, pass.Layout));
    }

    /// <summary>The logits of readouts, [rows, target vocabulary].</summary>
    internal Tensor Project(Tensor readout) => readout.Linear(_output, _outputBias.Value);

    /// <summary>Token ids on the model's device.</summary>
    internal Tensor Ids(int[] ids) => Tensor.From(ids, [ids.Length], Device);

    private Decoded Decode(PairBatch batch, RandomStream? dropout)
    {
        var (states, memory) = Encode(Ids(batch.Sources), new(batch.SourceLayout, Dropout: dropout?.Fork("source")));
        return Decoder.Forward(Ids(batch.Inputs), new(batch.TargetLayout, Dropout: dropout?.Fork("target")), states, memory);
    }

    private static int Draw(ReadOnlySpan<float> probabilities, double left)
    {
        for (var token = 0; token < probabilities.Length; token++)
            if ((left -= probabilities[token]) < 0) return token;
        return probabilities.LastIndexOfAnyExcept(0f);
    }
}
