namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>Which words get a Metaspace before them.</summary>
public enum PrependScheme
{
    /// <summary>Every stretch of text between added tokens.</summary>
    Always,

    /// <summary>The beginning of the text alone.</summary>
    First,

    /// <summary>None.</summary>
    Never,
}
