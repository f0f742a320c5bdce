namespace Stemma.Text.Tokenizers.PostProcessors;

/// <summary>RoBERTa's input (Liu et al. 2019, arXiv:1907.11692): <c>&lt;s&gt; A &lt;/s&gt;</c>, and <c>&lt;/s&gt; B &lt;/s&gt;</c> (<c>RobertaProcessing</c>).</summary>
/// <param name="separator">The token behind a text.</param>
/// <param name="classifier">The token at the beginning.</param>
/// <param name="trimOffsets">Whether spans leave out the white space a token begins with.</param>
/// <param name="addPrefixSpace">Whether the pre-tokenizer puts a space before the text.</param>
public sealed class RobertaPostProcessor(SpecialToken separator, SpecialToken classifier, bool trimOffsets = true, bool addPrefixSpace = true) : PostProcessor
{
    /// <summary>The token behind a text.</summary>
    public SpecialToken Separator { get; } = separator;

    /// <summary>The token at the beginning.</summary>
    public SpecialToken Classifier { get; } = classifier;

    /// <summary>Whether spans leave out the white space a token begins with.</summary>
    public bool TrimOffsets { get; } = trimOffsets;

    /// <summary>Whether the pre-tokenizer puts a space before the text.</summary>
    public bool AddPrefixSpace { get; } = addPrefixSpace;

    internal override int AddedCount(bool isPair) => isPair ? 4 : 2;

    internal override List<List<EncodedToken>> Process(List<List<EncodedToken>> parts)
    {
        if (TrimOffsets) parts = [.. parts.Select(part => ByteLevelPostProcessor.Trim(part, AddPrefixSpace))];
        var separator = Special(Separator.Piece, Separator.Id, 0);
        List<List<EncodedToken>> processed = [[Special(Classifier.Piece, Classifier.Id, 0), .. WithType(parts[0], 0), separator]];
        if (parts.Count > 1) processed.Add([separator, .. WithType(parts[1], 0), separator]);
        return processed;
    }
}
