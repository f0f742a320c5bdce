using System.Buffers.Text;
using System.IO.Compression;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Decoders;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>
/// Reads OpenAI's <c>.tiktoken</c> files: a line for each token, its bytes in base64 and its rank, which is its id. The file holds neither the expression that
/// divides text nor the special tokens; both go by the encoding's name: <c>r50k_base</c>, <c>p50k_base</c>, <c>cl100k_base</c>, <c>o200k_base</c>.
/// </summary>
/// <remarks>
/// There are no merges in the file: two adjacent tokens merge when their bytes together are a token, the lowest rank first, and a word that is a token is
/// that token. The tokenizer read has merges that do the same; see <see cref="TiktokenMerges"/>.
/// </remarks>
public static class Tiktoken
{
    /// <summary>The ending of such files.</summary>
    public const string Extension = ".tiktoken";

    private const int MostBytes = 1 << 26;
    private const int LongestLine = 1024;
    private const int HighestRank = 1 << 28;

    private static readonly Dictionary<string, (WordScheme Scheme, (string Spelling, int Id)[] Special)> Encodings = new(StringComparer.Ordinal)
    {
        ["r50k_base"] = (WordScheme.Gpt2, [(Tokenizer.EndOfTextSpelling, 50256)]),
        ["p50k_base"] = (WordScheme.Gpt2, [(Tokenizer.EndOfTextSpelling, 50256)]),
        ["cl100k_base"] = (WordScheme.Cl100k, [(Tokenizer.EndOfTextSpelling, 100257), ("<|fim_prefix|>", 100258), ("<|fim_middle|>", 100259), ("<|fim_suffix|>", 100260), ("<|endofprompt|>", 100276)]),
        ["o200k_base"] = (WordScheme.O200k, [(Tokenizer.EndOfTextSpelling, 199999), ("<|endofprompt|>", 200018)]),
    };

    /// <summary>Reads a file; one that ends in <c>.gz</c> is unpacked.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoding">The name of the encoding; null when the file's name begins with it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">The file is damaged, or the encoding is not known.</exception>
    public static PipelineTokenizer Load(string path, string? encoding = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no tokenizer at {path}.", path);
        encoding ??= Path.GetFileName(path).Split('.')[0];
        if (!Encodings.TryGetValue(encoding, out var known))
            throw new TextFormatException($"{path}: \"{encoding}\" is not an encoding that is known; name the file after one of {string.Join(", ", Encodings.Keys)}.");
        var tokens = Read(path);
        var pieces = new string?[tokens.Count == 0 ? 0 : tokens.Values.Max() + 1];
        foreach (var (spelling, rank) in tokens) pieces[rank] = spelling;
        foreach (var (spelling, id) in known.Special)
            if (id < pieces.Length && pieces[id] is { } taken) throw new TextFormatException($"{path} gives the id {id} to \"{taken}\"; in {encoding} it is that of {spelling}.");
        for (var value = 0; value < 256; value++)
            if (!tokens.ContainsKey(ByteAlphabet.Spell([(byte)value]))) throw new TextFormatException($"{path} has no token for the byte 0x{value:X2}; byte-level BPE needs all 256.");
        var added = Fill(path, pieces, known.Special);
        return new PipelineTokenizer(new Pipeline
        {
            AddedTokens = added,
            PreTokenizer = known.Scheme.ByteLevel(),
            Model = new BpeModel(pieces, TiktokenMerges.Of(tokens), new BpeModelOptions(IgnoreMerges: true)),
            Decoder = new ByteLevelDecoder(),
        });
    }

    // An id between the tokens and the special ones that nothing has (cl100k: 100261 to 100275) gets a spelling that says so, as Hugging Face's conversions do.
    private static List<AddedToken> Fill(string path, string?[] pieces, (string Spelling, int Id)[] special)
    {
        List<AddedToken> added = [.. special.Select(token => new AddedToken(token.Id, token.Spelling, IsSpecial: true))];
        var taken = special.Select(token => token.Id).ToHashSet();
        for (var id = 0; id < Math.Max(pieces.Length, special.Max(token => token.Id) + 1); id++)
        {
            if (taken.Contains(id) || (id < pieces.Length && pieces[id] is not null)) continue;
            if (id < pieces.Length) throw new TextFormatException($"{path} has no token with the id {id}; ids must have no gaps.");
            added.Add(new AddedToken(id, $"<|unused_{id}|>", IsSpecial: true));
        }

        return added;
    }

    private static Dictionary<string, int> Read(string path)
    {
        Dictionary<string, int> tokens = new(StringComparer.Ordinal);
        HashSet<int> ranks = [];
        Span<byte> bytes = stackalloc byte[LongestLine];
        var rest = Content(path);
        for (var number = 1; !rest.IsEmpty; number++)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = (end < 0 ? rest : rest[..end]).TrimEnd((byte)'\r');
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (line.IsEmpty) continue;
            if (line.Length > LongestLine) throw new TextFormatException($"{path}: line {number} has more than {LongestLine} characters; it is not a tokenizer's.");
            var space = line.IndexOf((byte)' ');
            if (space < 1 || !Utf8Parser.TryParse(line[(space + 1)..], out int rank, out var read) || read != line.Length - space - 1 || rank is < 0 or > HighestRank)
                throw new TextFormatException($"{path}: line {number} must be a token in base64 and its rank.");
            if (Base64.DecodeFromUtf8(line[..space], bytes, out _, out var count) != System.Buffers.OperationStatus.Done || count == 0)
                throw new TextFormatException($"{path}: line {number} has a token that is not base64, or empty.");
            if (!ranks.Add(rank)) throw new TextFormatException($"{path}: line {number} has the rank {rank}, which an earlier line has.");
            if (!tokens.TryAdd(ByteAlphabet.Spell(bytes[..count]), rank)) throw new TextFormatException($"{path}: line {number} has a token that an earlier line has.");
        }

        if (ranks.Count > 0 && ranks.Max() >= ranks.Count + 1024) throw new TextFormatException($"{path} has {ranks.Count} tokens and the rank {ranks.Max()}; ids must have no gaps.");
        return tokens;
    }

    // The file as it is when unpacked, of bounded length however it is packed.
    private static ReadOnlySpan<byte> Content(string path)
    {
        using var file = File.OpenRead(path);
        using var stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var content = new MemoryStream();
        var block = new byte[1 << 16];
        try
        {
            while (stream.Read(block) is var read and > 0)
            {
                if (content.Length + read > MostBytes) throw new TextFormatException($"{path} unpacks to more than {MostBytes >> 20} MB; it is not a tokenizer.");
                content.Write(block, 0, read);
            }
        }
        catch (InvalidDataException exception)
        {
            throw new TextFormatException($"{path} is not gzip, or damaged.", exception);
        }

        return content.GetBuffer().AsSpan(0, (int)content.Length);
    }
}
