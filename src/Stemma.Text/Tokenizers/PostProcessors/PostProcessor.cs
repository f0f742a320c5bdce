namespace Stemma.Text.Tokenizers.PostProcessors;

/// <summary>Puts a text's tokens, or those of two texts, into the form a model was trained on.</summary>
/// <remarks>A post-processor does not change once made and serves every thread.</remarks>
public abstract class PostProcessor
{
    private protected PostProcessor()
    {
    }

    /// <summary>How many tokens it adds to one text, or to a pair.</summary>
    internal abstract int AddedCount(bool isPair);

    /// <summary>The tokens of a model's input. Each part is a list of tokens with type ids of its own.</summary>
    /// <param name="parts">One text or two.</param>
    internal abstract List<List<EncodedToken>> Process(List<List<EncodedToken>> parts);

    private protected static EncodedToken Special(string piece, int id, int typeId) => new(new TokenSpan(id, piece, 0, 0, 0, 0), typeId, IsSpecial: true);

    private protected static List<EncodedToken> WithType(List<EncodedToken> part, int typeId) => [.. part.Select(token => token with { TypeId = typeId })];
}
