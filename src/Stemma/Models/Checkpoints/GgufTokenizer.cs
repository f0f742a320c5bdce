using Stemma.Numerics.Formats;
using Stemma.Text;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Decoders;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.PreTokenizers;
using Stemma.Text.Tokenizers.SentencePiece;

namespace Stemma.Models.Checkpoints;

/// <summary>
/// The tokenizer inside a GGUF file (its keys <c>tokenizer.ggml.…</c>): SentencePiece's byte pair encoding (<c>llama</c>) and Unigram (<c>t5</c>), byte-level BPE
/// (<c>gpt2</c>) with the division into words that <c>tokenizer.ggml.pre</c> names, and WordPiece (<c>bert</c>).
/// </summary>
public static class GgufTokenizer
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>Reads the tokenizer of a file.</summary>
    /// <param name="path">The GGUF file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointFormatException">It is not GGUF, or damaged.</exception>
    /// <exception cref="CheckpointException">It has no tokenizer, one of a kind that is not read, or one whose parts do not fit together.</exception>
    public static Tokenizer Load(string path)
    {
        var metadata = GgufMetadata.Read(path);
        var model = metadata.Text(Prefix + "model") ?? throw new CheckpointException($"{path} has no {Prefix}model: there is no tokenizer in it.");
        var tokens = metadata.Texts(Prefix + "tokens") ?? throw new CheckpointException($"{path} has no {Prefix}tokens: there is no vocabulary in it.");
        var types = Types(metadata, tokens.Count, path);
        try
        {
            return model switch
            {
                "llama" or "t5" => SentencePiece(metadata, tokens, types, isBpe: model == "llama", path),
                "gpt2" => ByteLevel(metadata, tokens, types, path),
                "bert" => GgufWordPieces.Read(metadata, tokens, types, path),
                _ => throw new CheckpointException($"{path}: its tokenizer is of the kind \"{model}\"; llama, t5, gpt2 and bert are read."),
            };
        }
        catch (Exception error) when (error is TextFormatException or ArgumentException)
        {
            throw new CheckpointException($"{path}: its tokenizer's parts do not fit together: {error.Message}", error);
        }
    }

    private static PieceType[] Types(GgufMetadata metadata, int count, string path)
    {
        if (metadata.Integers(Prefix + "token_type") is not { } types) return [.. Enumerable.Repeat(PieceType.Normal, count)];
        if (types.Count != count) throw new CheckpointException($"{path}: {Prefix}token_type has {types.Count} entries for {count} tokens.");
        for (var id = 0; id < count; id++)
            if (types[id] is < 1 or > 6) throw new CheckpointException($"{path}: the token {id} is of the type {types[id]}, which the format does not know.");
        return [.. types.Select(type => (PieceType)type)];
    }

    private static SentencePieceTokenizer SentencePiece(GgufMetadata metadata, IReadOnlyList<string> tokens, PieceType[] types, bool isBpe, string path)
    {
        var scores = metadata.Numbers(Prefix + "scores") ?? throw new CheckpointException($"{path} has no {Prefix}scores, by which pieces are chosen.");
        if (scores.Count != tokens.Count) throw new CheckpointException($"{path}: {Prefix}scores has {scores.Count} entries for {tokens.Count} tokens.");
        return new SentencePieceTokenizer(new SentencePieceModel
        {
            Pieces = [.. tokens.Select((token, id) => new SentencePieceEntry(token, (float)scores[id], types[id]))],
            IsBpe = isBpe,
            ByteFallback = types.Contains(PieceType.Byte),
            AddDummyPrefix = metadata.Flag(Prefix + "add_space_prefix") ?? true,
            RemoveExtraWhitespaces = metadata.Flag(Prefix + "remove_extra_whitespaces") ?? false,
            CharsMap = metadata.Integers(Prefix + "precompiled_charsmap") is { } map ? map.Select(value => (byte)value).ToArray() : default,
        });
    }

    private static PipelineTokenizer ByteLevel(GgufMetadata metadata, IReadOnlyList<string> tokens, PieceType[] types, string path)
    {
        var division = metadata.Text(Prefix + "pre") ?? "gpt-2";
        var (scheme, ignoresMerges) = division switch
        {
            "gpt-2" or "phi-2" or "roberta-bpe" => (WordScheme.Gpt2, false),
            "llama-bpe" or "llama3" or "llama-v3" => (WordScheme.Cl100k, true),
            "qwen2" or "deepseek-r1-qwen" => (WordScheme.Qwen2, false),
            "gpt-4o" or "llama4" => (WordScheme.O200k, true),
            _ => throw new CheckpointException($"{path}: {Prefix}pre is \"{division}\", a division into words that is not known; gpt-2, llama-bpe, qwen2 and gpt-4o are."),
        };
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (var id = 0; id < tokens.Count; id++)
            if (!ids.TryAdd(tokens[id], id)) throw new CheckpointException($"{path}: the token {id} repeats \"{tokens[id]}\".");
        var lines = metadata.Texts(Prefix + "merges") ?? throw new CheckpointException($"{path} has no {Prefix}merges.");
        List<BpeMerge> merges = new(lines.Count);
        for (var rank = 0; rank < lines.Count; rank++)
        {
            var space = lines[rank].IndexOf(' ', 1);
            if (space < 0 || !ids.TryGetValue(lines[rank][..space], out var left) || !ids.TryGetValue(lines[rank][(space + 1)..], out var right) || !ids.TryGetValue(lines[rank].Remove(space, 1), out var result))
                throw new CheckpointException($"{path}: the merge {rank}, \"{lines[rank]}\", is not of two tokens whose join is a token.");
            merges.Add(new BpeMerge(left, right, result));
        }

        var added = tokens.Index().Where(token => types[token.Index] is PieceType.Control or PieceType.UserDefined).Select(token => new AddedToken(token.Index, token.Item, IsSpecial: types[token.Index] == PieceType.Control)).ToList();
        var taken = added.Select(token => token.Id).ToHashSet();
        return new PipelineTokenizer(new Pipeline
        {
            AddedTokens = added,
            PreTokenizer = scheme.ByteLevel(),
            Model = new BpeModel([.. tokens.Select((token, id) => taken.Contains(id) ? null : token)], merges, new BpeModelOptions(IgnoreMerges: ignoresMerges)),
            Decoder = new ByteLevelDecoder(),
        });
    }
}
