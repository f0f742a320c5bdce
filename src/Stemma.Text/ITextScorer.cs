namespace Stemma.Text;

/// <summary>
/// Says how surprising a text is. Language models of every family implement it, so that text can be ranked, filtered and
/// compared by models which do not share a tokenizer.
/// </summary>
public interface ITextScorer
{
    /// <summary>
    /// −ln p(<paramref name="text"/>) divided by its length in UTF-8 bytes: nats per byte, ≥ 0, lower is less surprising.
    /// Divided by ln 2 it is bits per byte.
    /// </summary>
    /// <param name="text">The text to score; at least one character.</param>
    public double NatsPerByte(string text);
}
