using Stemma.Numerics.Formats;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Formats;
using Stemma.Text.Tokenizers.SentencePiece;

namespace Stemma.Models.Checkpoints;

/// <summary>
/// BERT's vocabulary inside a GGUF file. Its spelling is not BERT's: a piece that begins a word has <c>▁</c> before it, and one that goes on lacks its <c>##</c>; special
/// tokens are as they were (and in files of the first converters everything in brackets). A file that has no <c>▁</c> is taken to be spelled as BERT's <c>vocab.txt</c>.
/// </summary>
internal static class GgufWordPieces
{
    private const char WordStart = '▁';
    private const string Lowercase = "tokenizer.ggml.normalizer.lowercase", StripAccents = "tokenizer.ggml.normalizer.strip_accents";
    private static readonly string[] Needed = ["[UNK]", "[CLS]", "[SEP]"];

    public static PipelineTokenizer Read(GgufMetadata metadata, IReadOnlyList<string> tokens, PieceType[] types, string path)
    {
        var isMarked = tokens.Any(token => token.Length > 1 && token[0] == WordStart);
        string[] pieces = isMarked ? [.. tokens.Select((token, id) => Spelling(token, types[id]))] : [.. tokens];
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (var id = 0; id < pieces.Length; id++)
            if (!ids.TryAdd(pieces[id], id)) throw new CheckpointException($"{path}: the token {id} repeats \"{pieces[id]}\".");
        if (Needed.FirstOrDefault(token => !ids.ContainsKey(token)) is { } missing) throw new CheckpointException($"{path} has no token {missing}; its vocabulary is not one of BERT.");
        return BertVocabulary.Build(pieces, metadata.Flag(Lowercase) ?? BertVocabulary.IsUncased(pieces), metadata.Flag(StripAccents));
    }

    private static string Spelling(string token, PieceType type) =>
        type is PieceType.Control or PieceType.Unknown || (token.Length > 2 && token[0] == '[' && token[^1] == ']') ? token : token.Length > 1 && token[0] == WordStart ? token[1..] : "##" + token;
}
