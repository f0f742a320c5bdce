using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Decoders;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.Patterns;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>
/// Reads OpenAI's <c>.tiktoken</c> files: a line for each token, its bytes in base64 and its rank, which is its id. The file holds neither the expression that
/// divides text nor the special tokens; both go by the encoding's name: <c>r50k_base</c>, <c>p50k_base</c>, <c>cl100k_base</c>, <c>o200k_base</c>.
/// </summary>
/// <remarks>
/// There are no merges in the file: two adjacent tokens merge when their bytes together are a token, the lowest rank first, and a word that is a token is
/// that token. The tokenizer read has a merge for every way to divide a token into two others, ordered by rank, which does the same.
/// </remarks>
public static class Tiktoken
{
    /// <summary>The ending of such files.</summary>
    public const string Extension = ".tiktoken";

    private const long MostBytes = 1L << 28;

    private static readonly Dictionary<string, (string Expression, (string Spelling, int Id)[] Special)> Encodings = new(StringComparer.Ordinal)
    {
        ["r50k_base"] = (PublishedExpressions.Gpt2, [(Tokenizer.EndOfTextSpelling, 50256)]),
        ["p50k_base"] = (PublishedExpressions.Gpt2, [(Tokenizer.EndOfTextSpelling, 50256)]),
        ["cl100k_base"] = (PublishedExpressions.Cl100k, [(Tokenizer.EndOfTextSpelling, 100257), ("<|fim_prefix|>", 100258), ("<|fim_middle|>", 100259), ("<|fim_suffix|>", 100260), ("<|endofprompt|>", 100276)]),
        ["o200k_base"] = (PublishedExpressions.O200k, [(Tokenizer.EndOfTextSpelling, 199999), ("<|endofprompt|>", 200018)]),
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
        PreTokenizer preTokenizer = known.Expression == PublishedExpressions.Gpt2
            ? new ByteLevelPreTokenizer()
            : new SequencePreTokenizer([new SplitPreTokenizer(new RegexPattern(known.Expression), SplitBehavior.Isolated), new ByteLevelPreTokenizer(useRegex: false)]);
        return new PipelineTokenizer(new Pipeline
        {
            AddedTokens = added,
            PreTokenizer = preTokenizer,
            Model = new BpeModel(pieces, Merges(tokens), new BpeModelOptions(IgnoreMerges: true)),
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
        using var file = File.OpenRead(path);
        using var stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var reader = new StreamReader(stream, Encoding.Latin1);
        long length = 0;
        try
        {
            for (var number = 1; Line(reader, ref length, path) is { } line; number++)
            {
                if (line.Length == 0) continue;
                var space = line.IndexOf(' ', StringComparison.Ordinal);
                if (space < 1 || !int.TryParse(line.AsSpan(space + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var rank) || rank > MostBytes)
                    throw new TextFormatException($"{path}: line {number} must be a token in base64 and its rank.");
                var bytes = new byte[space];
                if (Base64.DecodeFromUtf8(Encoding.Latin1.GetBytes(line[..space]), bytes, out _, out var count) != System.Buffers.OperationStatus.Done || count == 0)
                    throw new TextFormatException($"{path}: line {number} has a token that is not base64, or empty.");
                if (!ranks.Add(rank)) throw new TextFormatException($"{path}: line {number} has the rank {rank}, which an earlier line has.");
                if (!tokens.TryAdd(ByteAlphabet.Spell(bytes.AsSpan(0, count)), rank)) throw new TextFormatException($"{path}: line {number} has a token that an earlier line has.");
            }
        }
        catch (InvalidDataException exception)
        {
            throw new TextFormatException($"{path} is not gzip, or damaged.", exception);
        }

        if (ranks.Count > 0 && ranks.Max() >= ranks.Count + 1024) throw new TextFormatException($"{path} has {ranks.Count} tokens and the rank {ranks.Max()}; ids must have no gaps.");
        return tokens;
    }

    // Lines of bounded length, however the file is packed.
    private static string? Line(StreamReader reader, ref long length, string path)
    {
        const int LongestLine = 1 << 20;
        var line = new StringBuilder();
        while (reader.Read() is var character and >= 0)
        {
            if (++length > MostBytes) throw new TextFormatException($"{path} unpacks to more than 256 MB; it is not a tokenizer.");
            if (character == '\n') return line.ToString().TrimEnd('\r');
            if (line.Length >= LongestLine) throw new TextFormatException($"{path} has a line of more than a million characters; it is not a tokenizer.");
            line.Append((char)character);
        }

        return line.Length > 0 ? line.ToString() : null;
    }

    private static List<BpeMerge> Merges(Dictionary<string, int> tokens)
    {
        var lookup = tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        List<BpeMerge> merges = [];
        foreach (var (spelling, rank) in tokens.OrderBy(token => token.Value))
            for (var at = 1; at < spelling.Length; at++)
                if (lookup.TryGetValue(spelling.AsSpan(0, at), out var left) && lookup.TryGetValue(spelling.AsSpan(at), out var right))
                    merges.Add(new BpeMerge(left, right, rank));
        return merges;
    }
}
