using System.Text;
using Stemma.Text.Unicode;

namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>Brings a text into a normalisation form (Unicode Standard Annex #15): <c>NFC</c>, <c>NFD</c>, <c>NFKC</c>, <c>NFKD</c>.</summary>
/// <param name="form">The form.</param>
public sealed class UnicodeNormalizer(NormalizationForm form) : Normalizer
{
    /// <summary>The form.</summary>
    public NormalizationForm Form { get; } = form;

    internal override void Apply(NormalizedText text) => UnicodeNormalization.Apply(text, Form);
}
