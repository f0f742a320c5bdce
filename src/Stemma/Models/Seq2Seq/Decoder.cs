using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Seq2Seq;

/// <summary>What a decoder gives.</summary>
/// <param name="Readout">What the output is made from, [rows, hidden].</param>
/// <param name="States">What to go on with, [sequences, hidden] for each part.</param>
/// <param name="Weights">How each row looked at its source, [rows, source length]; null where it does not look.</param>
internal readonly record struct Decoded(Tensor Readout, IReadOnlyList<Tensor> States, Tensor? Weights);

/// <summary>Says a target, token after token, from the state that the source's summary gives.</summary>
internal abstract class Decoder
{
    private readonly Embedding _tokens;
    private readonly Linear _begin;

    private protected Decoder(Seq2SeqConfig config, IWeights weights, int inputSize)
    {
        Config = config;
        _tokens = new(weights["tokens"], config.TargetVocabSize, config.EmbeddingSize, new Initializer.Uniform(0.1));
        Network = config.Cell.Build(weights["rnn"], inputSize, config.HiddenSize, config.LayerCount);
        _begin = weights.Linear("begin", config.HiddenSize, Network.StateParts.Count * config.HiddenSize, new Initializer.Xavier());
    }

    /// <summary>What is carried from token to token.</summary>
    public IReadOnlyList<StatePart> StateParts => Network.StateParts;

    private protected Seq2SeqConfig Config { get; }

    private protected RecurrentNetwork Network { get; }

    /// <summary>The states before the first token: tanh(W·summary + b). Bahdanau et al. 2014, appendix A.2.2.</summary>
    public IReadOnlyList<Tensor> Begin(Tensor summary) => _begin.Forward(summary).Tanh().Split(1, StateParts.Count);

    /// <summary>What the decoder looks at; null where it does not.</summary>
    public abstract SourceMemory? Remember(Tensor rows, SequenceLayout layout);

    /// <summary>Reads tokens.</summary>
    /// <param name="ids">int32 [rows].</param>
    /// <param name="pass">Which rows belong to which target; dropout.</param>
    /// <param name="states">From <see cref="Begin"/>, or of an earlier call.</param>
    /// <param name="memory">From <see cref="Remember"/>: a source for each target, or one for all.</param>
    public Decoded Forward(Tensor ids, in Pass pass, IReadOnlyList<Tensor> states, SourceMemory? memory)
    {
        var decoded = Decode(pass.Drop(_tokens.Forward(ids), Config.Dropout, Places.TargetTokens), pass, states, memory);
        return decoded with { Readout = pass.Drop(decoded.Readout, Config.Dropout, Places.Readout) };
    }

    private protected abstract Decoded Decode(Tensor vectors, in Pass pass, IReadOnlyList<Tensor> states, SourceMemory? memory);

    /// <summary>The layers, with dropout between them.</summary>
    private protected (Tensor Output, IReadOnlyList<Tensor> States) Run(Tensor x, in Pass pass, IReadOnlyList<Tensor> states) =>
        Network.Forward(x, pass with { State = null }, states, Config.LayerCount > 1 && Config.Dropout > 0 ? new BetweenLayers(Config.Dropout) : null);

    private sealed record BetweenLayers(double Probability) : RecurrentDropout
    {
        internal override Tensor BeforeLayer(Tensor x, in Pass pass, int layer) => layer == 0 ? x : pass.Drop(x, Probability, Places.DecoderLayer + (ulong)layer);
    }
}
