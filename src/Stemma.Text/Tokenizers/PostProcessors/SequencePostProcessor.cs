namespace Stemma.Text.Tokenizers.PostProcessors;

/// <summary>Post-processors one after another (<c>Sequence</c>).</summary>
/// <param name="parts">They, in order.</param>
public sealed class SequencePostProcessor(IReadOnlyList<PostProcessor> parts) : PostProcessor
{
    /// <summary>The post-processors, in order.</summary>
    public IReadOnlyList<PostProcessor> Parts { get; } = parts;

    internal override int AddedCount(bool isPair) => Parts.Sum(part => part.AddedCount(isPair));

    internal override List<List<EncodedToken>> Process(List<List<EncodedToken>> parts)
    {
        foreach (var part in Parts) parts = part.Process(parts);
        return parts;
    }
}
