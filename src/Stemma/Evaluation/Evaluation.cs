namespace Stemma.Evaluation;

/// <summary>How well a model predicts a text.</summary>
/// <param name="LossNatsPerToken">The mean of −ln p over the tokens, in nats.</param>
/// <param name="Tokens">Tokens predicted.</param>
/// <param name="Bytes">UTF-8 bytes of text they stand for; special tokens stand for none.</param>
public sealed record Evaluation(double LossNatsPerToken, long Tokens, long Bytes)
{
    /// <summary>e^loss: among how many equally likely tokens the model hesitates.</summary>
    public double Perplexity => Math.Exp(LossNatsPerToken);

    /// <summary>Bits that the model needs per byte of text: the scale on which models with different tokenizers compare.</summary>
    public double BitsPerByte => Bytes == 0 ? double.NaN : LossNatsPerToken * Tokens / Math.Log(2) / Bytes;
}
