using System.Text.Json.Serialization;

namespace Stemma.Training;

/// <summary>Which tokenizer a run uses.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(BpeTokenizerConfig), "bpe")]
[JsonDerivedType(typeof(CharacterTokenizerConfig), "char")]
[JsonDerivedType(typeof(WordTokenizerConfig), "word")]
[JsonDerivedType(typeof(UnigramTokenizerConfig), "unigram")]
[JsonDerivedType(typeof(SentencePieceBpeTokenizerConfig), "sentencepiece-bpe")]
[JsonDerivedType(typeof(WordPieceTokenizerConfig), "wordpiece")]
[JsonDerivedType(typeof(TokenizerFileConfig), "file")]
public abstract record TokenizerConfig;

/// <summary>Byte-level byte-pair encoding, trained on the run's training text.</summary>
public sealed record BpeTokenizerConfig : TokenizerConfig
{
    /// <summary>Tokens, the 256 bytes and the end of text included.</summary>
    public int VocabSize { get; init; } = 4096;
}

/// <summary>One token per character of the text.</summary>
public sealed record CharacterTokenizerConfig : TokenizerConfig;

/// <summary>One token per word of the training text, as white space separates them, and one for the end of a line.</summary>
public sealed record WordTokenizerConfig : TokenizerConfig
{
    /// <summary>Tokens, the three special ones included: the most frequent words, all others being <c>&lt;unk&gt;</c>; 0 for all words.</summary>
    public int VocabSize { get; init; }
}

/// <summary>A Unigram model (Kudo 2018) with bytes for what no piece covers, trained on the run's training text.</summary>
public sealed record UnigramTokenizerConfig : TokenizerConfig
{
    /// <summary>Tokens, the 256 bytes, the unknown and the end of text included.</summary>
    public int VocabSize { get; init; } = 4096;
}

/// <summary>Byte-pair encoding over characters, SentencePiece's and Llama's kind, with bytes for what no piece covers, trained on the run's training text.</summary>
public sealed record SentencePieceBpeTokenizerConfig : TokenizerConfig
{
    /// <summary>Tokens, the 256 bytes, the unknown and the end of text included.</summary>
    public int VocabSize { get; init; } = 4096;
}

/// <summary>WordPiece, BERT's: the text loses its capitals and accents, and a word that no tokens spell is unknown. Trained on the run's training text.</summary>
public sealed record WordPieceTokenizerConfig : TokenizerConfig
{
    /// <summary>Tokens, BERT's five special ones and the end of text included.</summary>
    public int VocabSize { get; init; } = 4096;
}

/// <summary>An existing tokenizer.</summary>
public sealed record TokenizerFileConfig : TokenizerConfig
{
    /// <summary>A <c>tokenizer.json</c>, a SentencePiece <c>.model</c> or another file of a tokenizer, or a folder that holds one.</summary>
    public required string Path { get; init; }
}
