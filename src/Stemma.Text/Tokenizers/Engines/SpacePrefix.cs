namespace Stemma.Text.Tokenizers.Engines;

/// <summary>When a space is put before a text that is not empty.</summary>
internal enum SpacePrefix
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>When the text does not begin with one.</summary>
    UnlessThere,

    /// <summary>Always.</summary>
    Always,
}
