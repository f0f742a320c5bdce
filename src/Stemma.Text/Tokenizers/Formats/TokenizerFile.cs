using Stemma.Text.Tokenizers.SentencePiece;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Tells the format of a tokenizer's file from its name and what stands beside it.</summary>
internal static class TokenizerFile
{
    private static readonly (string Vocabulary, string Merges)[] Gpt2Names = [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")];

    public static Tokenizer Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path)) return LoadFolder(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no tokenizer at {path}.", path);
        if (path.EndsWith(".model", StringComparison.OrdinalIgnoreCase)) return SentencePieceTokenizer.Load(path);
        var name = Path.GetFileName(path);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach (var (vocabulary, merges) in Gpt2Names)
            if (name == vocabulary || name == merges) return Gpt2Files.Load(Path.Combine(folder, vocabulary), Path.Combine(folder, merges));
        var plain = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        if (plain.EndsWith(Tiktoken.Extension, StringComparison.OrdinalIgnoreCase)) return Tiktoken.Load(path);
        return plain.EndsWith(".txt", StringComparison.OrdinalIgnoreCase) ? BertVocabulary.Load(path) : TokenizerJson.Load(path);
    }

    private static Tokenizer LoadFolder(string folder)
    {
        if (File.Exists(Path.Combine(folder, TokenizerJson.FileName))) return TokenizerJson.Load(folder);
        if (File.Exists(Path.Combine(folder, SentencePieceTokenizer.ModelFileName))) return SentencePieceTokenizer.Load(Path.Combine(folder, SentencePieceTokenizer.ModelFileName));
        foreach (var (vocabulary, merges) in Gpt2Names)
            if (File.Exists(Path.Combine(folder, vocabulary)) && File.Exists(Path.Combine(folder, merges))) return Gpt2Files.Load(Path.Combine(folder, vocabulary), Path.Combine(folder, merges));
        if (File.Exists(Path.Combine(folder, "vocab.txt"))) return BertVocabulary.Load(Path.Combine(folder, "vocab.txt"));
        var tiktoken = Directory.GetFiles(folder, "*" + Tiktoken.Extension + "*");
        return tiktoken.Length == 1 ? Tiktoken.Load(tiktoken[0]) : TokenizerJson.Load(folder);
    }
}
