using Stemma.Text.Tokenizers.Bpe;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>
/// Reads byte-level BPE from the two files GPT-2 was published with: <c>encoder.json</c> (piece → id, also called
/// <c>vocab.json</c>) and <c>vocab.bpe</c> (a merge a line after a <c>#version</c> line, also called <c>merges.txt</c>).
/// </summary>
public static class Gpt2Files
{
    private const long MostBytes = 1L << 28;
    private const int LongestMerge = 4096;

    /// <summary>Reads the tokenizer; <c>&lt;|endoftext|&gt;</c>, where the vocabulary has it, is its special token.</summary>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="TextFormatException">A file is damaged; the message names the file and the place.</exception>
    public static BpeTokenizer Load(string vocabPath, string mergesPath)
    {
        if (!File.Exists(vocabPath)) throw new FileNotFoundException($"There is no vocabulary at {vocabPath}.", vocabPath);
        if (!File.Exists(mergesPath)) throw new FileNotFoundException($"There are no merges at {mergesPath}.", mergesPath);
        using var document = TokenizerJson.Parse(vocabPath);
        var vocab = new JsonField(vocabPath, "", document.RootElement);
        AddedToken[] added = vocab[Tokenizer.EndOfTextSpelling] is { IsNull: false } end
            ? [new AddedToken(end.AsId(), Tokenizer.EndOfTextSpelling, IsSpecial: true)]
            : [];
        return BpeJson.Build(vocab, ReadMerges(mergesPath), added, addPrefixSpace: false);
    }

    private static IEnumerable<(JsonField Field, (string Left, string Right) Pieces)> ReadMerges(string path)
    {
        if (new FileInfo(path).Length > MostBytes) throw new TextFormatException($"{path} is larger than {MostBytes >> 20} MB; it is not a list of merges.");
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0 || (number == 1 && line.StartsWith("#version", StringComparison.Ordinal))) continue;
            var field = new JsonField(path, $"line {number}", default);
            if (line.Length > LongestMerge) throw field.Error($"has {line.Length:N0} characters, more than {LongestMerge:N0}; it is not a merge.");
            var parts = line.Split(' ');
            if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0) throw field.Error("must be two tokens, \"a b\".");
            yield return (field, (parts[0], parts[1]));
        }
    }
}
