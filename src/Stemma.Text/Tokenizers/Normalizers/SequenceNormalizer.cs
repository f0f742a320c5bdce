namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>Normalizers one after another (<c>Sequence</c>).</summary>
/// <param name="parts">They, in order.</param>
public sealed class SequenceNormalizer(IReadOnlyList<Normalizer> parts) : Normalizer
{
    /// <summary>The normalizers, in order.</summary>
    public IReadOnlyList<Normalizer> Parts { get; } = parts;

    internal override void Apply(NormalizedText text)
    {
        foreach (var part in Parts) part.Apply(text);
    }
}
