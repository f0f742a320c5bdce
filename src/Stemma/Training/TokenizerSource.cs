using Stemma.Models.Checkpoints;
using Stemma.Numerics.Formats;
using Stemma.Text.Tokenizers;

namespace Stemma.Training;

/// <summary>A tokenizer from whatever file holds one.</summary>
public static class TokenizerSource
{
    /// <summary>Reads a tokenizer: any format of <see cref="Tokenizer.Load(string)"/>, or the one inside a GGUF file.</summary>
    /// <param name="path">The file, or a folder that holds one.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="Stemma.Text.TextFormatException">The file is damaged, or uses a component that is not supported.</exception>
    /// <exception cref="CheckpointFormatException">It is a damaged GGUF file.</exception>
    /// <exception cref="CheckpointException">It is a GGUF file whose tokenizer cannot be read.</exception>
    public static Tokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return path.EndsWith(GgufMetadata.Extension, StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path) ? GgufTokenizer.Load(path) : Tokenizer.Load(path);
    }
}
