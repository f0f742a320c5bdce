using Stemma.Models;
using Stemma.Text.Tokenizers;

namespace Stemma;

/// <summary>The tokenizers of an encoder–decoder, and the tokens that begin and end either side.</summary>
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

    private readonly int? _targetStart;

    /// <summary>Begins a source; null where nothing does.</summary>
    public int? SourceStart { get; init; }

    /// <summary>Ends a source: the tokenizer's own end of text, or one more than it has.</summary>
    public int SourceEnd { get; init; } = source.EndOfText ?? source.VocabSize;

    /// <summary>What the decoder reads first: the end, unless a family has a token for it.</summary>
    public int TargetStart { get => _targetStart ?? TargetEnd; init => _targetStart = value; }

    /// <summary>Ends a target: the tokenizer's own end of text, or one more than it has.</summary>
    public int TargetEnd { get; init; } = target.EndOfText ?? target.VocabSize;

    /// <summary>Tokens that a source may hold.</summary>
    public int SourceVocabSize => Math.Max(Source.VocabSize, SourceEnd + 1);

    /// <summary>Tokens that a target may hold.</summary>
    public int TargetVocabSize => Math.Max(Target.VocabSize, TargetEnd + 1);

    /// <summary>A source's tokens between its start, where there is one, and its end.</summary>
    public int[] EncodeSource(string text)
    {
        int[] tokens = [.. Source.Encode(Normalized(text)), SourceEnd];
        return SourceStart is { } start ? [start, .. tokens] : tokens;
    }

    /// <summary>A target's tokens and its end.</summary>
    public int[] EncodeTarget(string text) => [.. Target.Encode(Normalized(text)), TargetEnd];

    /// <summary>A pair's tokens.</summary>
    public TokenPair Encode(string source, string target) => new(EncodeSource(source), EncodeTarget(target));

    /// <summary>A target's text, without its start, its end and other special tokens.</summary>
    /// <param name="tokens">As a decoder gave them.</param>
    public string Decode(IReadOnlyList<int> tokens)
    {
        HashSet<int> silent = [TargetStart, TargetEnd, .. Target.SpecialTokens.Values];
        return Target.Decode([.. tokens.Where(token => !silent.Contains(token))]).Trim();
    }

    /// <summary>A text as it is before it is encoded.</summary>
    public string Normalized(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Lowercase ? text.Trim().ToLowerInvariant() : text.Trim();
    }
}
