namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>What a piece of a SentencePiece vocabulary is for; the numbers are those of the format.</summary>
public enum PieceType
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>What stands for text that no piece covers.</summary>
    Unknown = 2,

    /// <summary>A token that no text has, such as the end of a sentence.</summary>
    Control = 3,

    /// <summary>A text that is always one token, exempt from normalisation.</summary>
    UserDefined = 4,

    /// <summary>A piece that is never used.</summary>
    Unused = 5,

    /// <summary>One byte, for text that no piece covers.</summary>
    Byte = 6,
}
