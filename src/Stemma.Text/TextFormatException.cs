namespace Stemma.Text;

/// <summary>
/// A file or text that cannot be used as what it was given for: a tokenizer, a corpus, a shard. The message is one sentence
/// that names the file, the field or the offset, and where there is one the way out.
/// </summary>
public sealed class TextFormatException : Exception
{
    /// <summary>An error without a message; prefer one that names the file and the field.</summary>
    public TextFormatException()
    {
    }

    /// <summary>An error told in one sentence.</summary>
    public TextFormatException(string message) : base(message)
    {
    }

    /// <summary>An error told in one sentence, with what caused it.</summary>
    public TextFormatException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
