using Stemma.Text.Tokenizers.Formats;
using Stemma.Text.Tokenizers.SentencePiece;

namespace Stemma.Text.Tokenizers;

/// <summary>Where a model's folder keeps its tokenizer: in <c>tokenizer.json</c>, or in <c>tokenizer.model</c> where it is one of SentencePiece, whose rules no other format holds.</summary>
public static class TokenizerFolder
{
    private static readonly string[] Names = [TokenizerJson.FileName, SentencePieceTokenizer.ModelFileName];

    /// <summary>The file of a folder's tokenizer; null when there is none.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="prefix">What the file's name begins with, in a folder of several tokenizers: <c>source.</c>.</param>
    public static string? Find(string folder, string prefix = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Names.Select(name => Path.Combine(folder, prefix + name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Reads it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="prefix">What the file's name begins with.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="TextFormatException">The file is damaged, or uses a component that is not supported.</exception>
    public static Tokenizer Load(string folder, string prefix = "") => Tokenizer.Load(Find(folder, prefix) ?? Path.Combine(folder, prefix + TokenizerJson.FileName));

    /// <summary>Writes a tokenizer in the format that holds it, whole or not at all; the folder has no other afterwards.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="folder">The folder, made where needed.</param>
    /// <param name="prefix">What the file's name begins with.</param>
    public static void Save(Tokenizer tokenizer, string folder, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        tokenizer.Save(Path.Combine(folder, prefix + tokenizer.FileName));
        foreach (var other in Names.Where(name => name != tokenizer.FileName)) File.Delete(Path.Combine(folder, prefix + other));
    }
}
