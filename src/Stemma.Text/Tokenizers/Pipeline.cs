using Stemma.Text.Tokenizers.Decoders;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.Normalizers;
using Stemma.Text.Tokenizers.PostProcessors;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers;

/// <summary>The parts of a <see cref="PipelineTokenizer"/>, in the order text goes through them.</summary>
public sealed record Pipeline
{
    /// <summary>Tokens matched as a whole before anything else happens to the text.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>Rewrites the text; null for none.</summary>
    public Normalizer? Normalizer { get; init; }

    /// <summary>Divides the text into words; null when all of it is one.</summary>
    public PreTokenizer? PreTokenizer { get; init; }

    /// <summary>Turns words into tokens.</summary>
    public required TokenModel Model { get; init; }

    /// <summary>Adds the tokens a model expects around a text; null for none.</summary>
    public PostProcessor? PostProcessor { get; init; }

    /// <summary>Cuts inputs; null for never.</summary>
    public Truncation? Truncation { get; init; }

    /// <summary>Fills inputs up; null for never.</summary>
    public Padding? Padding { get; init; }

    /// <summary>Turns pieces back into text; null for a space between them.</summary>
    public TokenDecoder? Decoder { get; init; }
}
