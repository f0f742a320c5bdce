namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>
/// A decoder at work on one list of tokens. It gives text as soon as nothing that follows can change it; the strings it gives, joined, are the
/// decoded text. Serves one thread.
/// </summary>
internal abstract class DecoderStage
{
    /// <summary>Takes the next string and appends what it completes.</summary>
    public abstract void Append(string piece, List<string> output);

    /// <summary>Ends the list: appends what was held back, and is ready for another list.</summary>
    public abstract void Flush(List<string> output);
}
