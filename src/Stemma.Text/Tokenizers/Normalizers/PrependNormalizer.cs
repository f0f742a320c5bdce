namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>Puts something before every text that is not empty (<c>Prepend</c>); it covers nothing of the original.</summary>
/// <param name="content">What is put there.</param>
public sealed class PrependNormalizer(string content) : Normalizer
{
    /// <summary>What is put there.</summary>
    public string Content { get; } = content;

    internal override void Apply(NormalizedText text)
    {
        if (text.Chars.IsEmpty) return;
        text.Emit(Content, 0, 0);
        text.Copy(0, text.Chars.Length);
        text.Commit();
    }
}
