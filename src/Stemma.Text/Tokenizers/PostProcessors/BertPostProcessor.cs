namespace Stemma.Text.Tokenizers.PostProcessors;

/// <summary>BERT's input (Devlin et al. 2019): <c>[CLS] A [SEP]</c>, and <c>B [SEP]</c> as segment 1 (<c>BertProcessing</c>).</summary>
/// <param name="separator">The token behind a text.</param>
/// <param name="classifier">The token at the beginning.</param>
public sealed class BertPostProcessor(SpecialToken separator, SpecialToken classifier) : PostProcessor
{
    /// <summary>The token behind a text.</summary>
    public SpecialToken Separator { get; } = separator;

    /// <summary>The token at the beginning.</summary>
    public SpecialToken Classifier { get; } = classifier;

    internal override int AddedCount(bool isPair) => isPair ? 3 : 2;

    internal override List<List<EncodedToken>> Process(List<List<EncodedToken>> parts)
    {
        List<List<EncodedToken>> processed = [[Special(Classifier.Piece, Classifier.Id, 0), .. WithType(parts[0], 0), Special(Separator.Piece, Separator.Id, 0)]];
        if (parts.Count > 1) processed.Add([.. WithType(parts[1], 1), Special(Separator.Piece, Separator.Id, 1)]);
        return processed;
    }
}
