using Stemma.Text.Tokenizers.Patterns;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>A published division of text into words, for byte-level BPE.</summary>
public sealed class WordScheme
{
    private readonly string? expression;

    private WordScheme(string? expression) => this.expression = expression;

    /// <summary>GPT-2 (Radford et al. 2019), r50k, p50k.</summary>
    public static WordScheme Gpt2 { get; } = new(null);

    /// <summary>cl100k (GPT-4), Llama 3.</summary>
    public static WordScheme Cl100k { get; } = new(PublishedExpressions.Cl100k);

    /// <summary>o200k (GPT-4o).</summary>
    public static WordScheme O200k { get; } = new(PublishedExpressions.O200k);

    /// <summary>Qwen 2: cl100k's, but each digit is a word.</summary>
    public static WordScheme Qwen2 { get; } = new(PublishedExpressions.Qwen2);

    /// <summary>The pre-tokenizer that divides so and spells the words in bytes.</summary>
    public PreTokenizer ByteLevel() => expression is null
        ? new ByteLevelPreTokenizer()
        : new SequencePreTokenizer([new SplitPreTokenizer(new RegexPattern(expression), SplitBehavior.Isolated), new ByteLevelPreTokenizer(useRegex: false)]);
}
