using System.Text.Json.Serialization;

namespace Stemma.Evaluation;

/// <summary>How well a model predicts a text.</summary>
/// <param name="LossNatsPerToken">The mean of −ln p over the tokens, in nats.</param>
/// <param name="Tokens">Tokens predicted.</param>
/// <param name="Bytes">UTF-8 bytes of text they stand for; special tokens stand for none.</param>
public sealed record Evaluation(double LossNatsPerToken, long Tokens, long Bytes)
{
    /// <summary>How many of the tokens stand for words that the vocabulary lacks; null where it lacks none, or where they were not counted.</summary>
    public long? UnknownTokens { get; init; }

    /// <summary>The mean over the other tokens, in nats; null where <see cref="UnknownTokens"/> is.</summary>
    public double? KnownLossNatsPerToken { get; init; }

    /// <summary>The parts it was measured in, in the order of the text: what an interval is resampled from.</summary>
    [JsonIgnore]
    public IReadOnlyList<EvaluationBlock> Blocks { get; init; } = [];

    /// <summary>e^loss: among how many equally likely tokens the model hesitates.</summary>
    public double Perplexity => Math.Exp(LossNatsPerToken);

    /// <summary>Bits that the model needs per byte of text: the scale on which models with different tokenizers compare.</summary>
    public double BitsPerByte => Bytes == 0 ? double.NaN : LossNatsPerToken * Tokens / Math.Log(2) / Bytes;
}

/// <summary>A stretch of an evaluated text.</summary>
/// <param name="Nats">The sum of −ln p over its tokens.</param>
/// <param name="Bytes">The bytes they stand for.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public readonly record struct EvaluationBlock(double Nats, long Bytes);
