namespace Stemma.Numerics.Formats;

/// <summary>
/// A checkpoint that cannot be used. The message is one sentence for a person: it names the file, the tensor or field, and where
/// there is one the way out.
/// </summary>
public sealed class CheckpointFormatException : Exception
{
    /// <summary>An error without a message; prefer one that names the file and the tensor.</summary>
    public CheckpointFormatException()
    {
    }

    /// <summary>An error told in one sentence.</summary>
    public CheckpointFormatException(string message) : base(message)
    {
    }

    /// <summary>An error told in one sentence, with what caused it.</summary>
    public CheckpointFormatException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
