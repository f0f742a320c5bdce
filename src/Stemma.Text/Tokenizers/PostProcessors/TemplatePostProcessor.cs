namespace Stemma.Text.Tokenizers.PostProcessors;

/// <summary>A piece of a template: a special token or one of the texts.</summary>
/// <param name="Name">The special token's name, or <c>A</c> or <c>B</c>.</param>
/// <param name="IsText">Whether it is a text.</param>
/// <param name="TypeId">The type id its tokens get.</param>
public readonly record struct TemplatePiece(string Name, bool IsText, int TypeId);

/// <summary>What a special token of a template stands for.</summary>
/// <param name="Ids">Its ids, at least one.</param>
/// <param name="Pieces">Their spellings, as many.</param>
public sealed record TemplateToken(IReadOnlyList<int> Ids, IReadOnlyList<string> Pieces);

/// <summary>Puts texts into a template with special tokens (<c>TemplateProcessing</c>).</summary>
/// <param name="single">The template for one text.</param>
/// <param name="pair">The template for two.</param>
/// <param name="specialTokens">What the names of special tokens stand for; holds all that the templates name.</param>
public sealed class TemplatePostProcessor(IReadOnlyList<TemplatePiece> single, IReadOnlyList<TemplatePiece> pair, IReadOnlyDictionary<string, TemplateToken> specialTokens) : PostProcessor
{
    /// <summary>The template for one text.</summary>
    public IReadOnlyList<TemplatePiece> Single { get; } = single;

    /// <summary>The template for two texts.</summary>
    public IReadOnlyList<TemplatePiece> Pair { get; } = pair;

    /// <summary>What the names of special tokens stand for.</summary>
    public IReadOnlyDictionary<string, TemplateToken> SpecialTokens { get; } = specialTokens;

    internal override int AddedCount(bool isPair) => (isPair ? Pair : Single).Where(piece => !piece.IsText).Sum(piece => SpecialTokens[piece.Name].Ids.Count);

    internal override List<List<EncodedToken>> Process(List<List<EncodedToken>> parts)
    {
        List<List<EncodedToken>> processed = [];
        foreach (var piece in parts.Count > 1 ? Pair : Single)
        {
            if (piece.IsText)
            {
                processed.Add(WithType(parts[piece.Name == "B" ? 1 : 0], piece.TypeId));
                continue;
            }

            var token = SpecialTokens[piece.Name];
            processed.Add([.. token.Ids.Zip(token.Pieces, (id, spelling) => Special(spelling, id, piece.TypeId))]);
        }

        return processed;
    }
}
