namespace Stemma;

/// <summary>Files of a model that are missing, broken, or do not fit together: the message names the file or tensor and the way out.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>With a sentence for the user.</summary>
    public CheckpointException(string message) : base(message)
    {
    }

    /// <summary>With a sentence for the user and what caused it.</summary>
    public CheckpointException(string message, Exception inner) : base(message, inner)
    {
    }
}
