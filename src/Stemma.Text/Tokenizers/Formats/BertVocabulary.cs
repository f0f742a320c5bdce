using System.Text;
using Stemma.Text.Tokenizers.Decoders;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.Normalizers;
using Stemma.Text.Tokenizers.PostProcessors;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Reads BERT's <c>vocab.txt</c>: a token a line, the first has the id 0 (Devlin et al. 2019, arXiv:1810.04805).</summary>
public static class BertVocabulary
{
    private const long MostBytes = 1L << 26;
    private const int LongestToken = 1024;
    private static readonly string[] Needed = ["[UNK]", "[CLS]", "[SEP]"];
    private static readonly string[] Special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", Tokenizer.EndOfTextSpelling];

    /// <summary>Reads the tokenizer.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lowercase">Whether text is lowercased and loses its accents; null: when the vocabulary has no token with a capital letter but the special ones.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">The file is damaged; the message names the line.</exception>
    public static PipelineTokenizer Load(string path, bool? lowercase = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no vocabulary at {path}.", path);
        if (new FileInfo(path).Length > MostBytes) throw new TextFormatException($"{path} is larger than 64 MB; it is not a vocabulary.");
        List<string> pieces = [];
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        try
        {
            foreach (var line in File.ReadLines(path, new UTF8Encoding(false, throwOnInvalidBytes: true)))
            {
                if (line.Length > LongestToken) throw new TextFormatException($"{path}: line {pieces.Count + 1} has {line.Length:N0} characters, more than {LongestToken:N0}; it is not a token.");
                if (line.Length == 0) throw new TextFormatException($"{path}: line {pieces.Count + 1} is empty; it must be a token.");
                if (!ids.TryAdd(line, pieces.Count)) throw new TextFormatException($"{path}: line {pieces.Count + 1} repeats the token \"{line}\".");
                pieces.Add(line);
            }
        }
        catch (DecoderFallbackException exception)
        {
            throw new TextFormatException($"{path} is not UTF-8.", exception);
        }

        if (Needed.FirstOrDefault(token => !ids.ContainsKey(token)) is { } missing)
            throw new TextFormatException($"{path} has no token {missing}; it is not a vocabulary of BERT.");
        return Build(pieces, lowercase ?? IsUncased(pieces));
    }

    /// <summary>Whether no token has a capital letter but those in brackets, so that text has to be lowercased first.</summary>
    public static bool IsUncased(IEnumerable<string> pieces) => !pieces.Any(piece => !Special.Contains(piece) && !piece.StartsWith('[') && piece.Any(char.IsAsciiLetterUpper));

    /// <summary>The tokenizer of a vocabulary.</summary>
    /// <param name="pieces">The tokens by id; <c>[UNK]</c>, <c>[CLS]</c> and <c>[SEP]</c> are among them, none is there twice. <c>&lt;|endoftext|&gt;</c>, where it is there, is special too.</param>
    /// <param name="lowercase">Whether text is lowercased.</param>
    /// <param name="stripAccents">Whether text loses its accents; null: when it is lowercased.</param>
    public static PipelineTokenizer Build(IReadOnlyList<string> pieces, bool lowercase, bool? stripAccents = null)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var ids = pieces.Index().ToDictionary(entry => entry.Item, entry => entry.Index, StringComparer.Ordinal);
        return new PipelineTokenizer(new Pipeline
        {
            AddedTokens = [.. Special.Where(ids.ContainsKey).Select(token => new AddedToken(ids[token], token, IsSpecial: true))],
            Normalizer = new BertNormalizer(stripAccents: stripAccents, lowercase: lowercase),
            PreTokenizer = new BertPreTokenizer(),
            Model = new WordPieceModel(pieces),
            PostProcessor = new BertPostProcessor(new SpecialToken("[SEP]", ids["[SEP]"]), new SpecialToken("[CLS]", ids["[CLS]"])),
            Decoder = new WordPieceDecoder(),
        });
    }
}
