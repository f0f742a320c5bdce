using Stemma.Models;
using Stemma.Text.Tokenizers;

namespace Stemma;

/// <summary>The tokenizers of an encoder–decoder, and the token that ends either side: the tokenizer's own, or one more than it has.</summary>
/// <param name="source">Of sources.</param>
/// <param name="target">Of targets.</param>
/// <param name="lowercase">Whether letters are made small first.</param>
public sealed class PairTokens(Tokenizer source, Tokenizer target, bool lowercase)
{
    /// <summary>Of sources.</summary>
    public Tokenizer Source { get; } = source;

    /// <summary>Of targets.</summary>
    public Tokenizer Target { get; } = target;

    /// <summary>Whether letters are made small first.</summary>
    public bool Lowercase { get; } = lowercase;

    /// <summary>Ends a source.</summary>
    public int SourceEnd { get; } = source.EndOfText ?? source.VocabSize;

    /// <summary>Ends a target, and begins it.</summary>
    public int TargetEnd { get; } = target.EndOfText ?? target.VocabSize;

    /// <summary>Tokens that a source may hold.</summary>
    public int SourceVocabSize => Math.Max(Source.VocabSize, SourceEnd + 1);

    /// <summary>Tokens that a target may hold.</summary>
    public int TargetVocabSize => Math.Max(Target.VocabSize, TargetEnd + 1);

    /// <summary>A source's tokens and its end.</summary>
    public int[] EncodeSource(string text) => [.. Source.Encode(Normalized(text)), SourceEnd];

    /// <summary>A target's tokens and its end.</summary>
    public int[] EncodeTarget(string text) => [.. Target.Encode(Normalized(text)), TargetEnd];

    /// <summary>A pair's tokens.</summary>
    public TokenPair Encode(string source, string target) => new(EncodeSource(source), EncodeTarget(target));

    /// <summary>A target's text.</summary>
    /// <param name="tokens">Without the end.</param>
    public string Decode(IReadOnlyList<int> tokens) => Target.Decode([.. tokens.Where(token => token != TargetEnd)]).Trim();

    /// <summary>A text as it is before it is encoded.</summary>
    public string Normalized(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Lowercase ? text.Trim().ToLowerInvariant() : text.Trim();
    }
}
