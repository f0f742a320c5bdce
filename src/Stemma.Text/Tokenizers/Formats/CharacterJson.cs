using Stemma.Text.Tokenizers.Characters;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Reads a character tokenizer from <c>tokenizer.json</c>: BPE without merges, see <see cref="CharacterTokenizer"/>.</summary>
internal static class CharacterJson
{
    public static CharacterTokenizer Read(JsonField root)
    {
        root["post_processor"].MustBeNull();
        var model = root["model"];
        model["unk_token"].MustBeNull();
        var merges = model["merges"].Items().Count();
        if (merges > 0)
            throw root["pre_tokenizer"].Error($"is null while the model has {merges} merges, which is not supported; byte-level BPE needs \"ByteLevel\".");
        var byteFallback = model["byte_fallback"].AsBool(missing: false);
        CheckDecoder(root["decoder"], byteFallback);
        var added = TokenizerJson.AddedTokens(root);
        var vocab = model["vocab"];
        var table = new TokenTable(vocab, added);
        var pieces = table.InOrder();
        var byteIds = byteFallback ? Enumerable.Range(0, 256).Select(value => ByteId(value, table, vocab)).ToArray() : null;
        var notCharacters = added.Select(token => token.Id).Concat(byteIds ?? []).ToHashSet();
        for (var id = 0; id < pieces.Length; id++)
        {
            if (!notCharacters.Contains(id) && pieces[id].EnumerateRunes().Take(2).Count() != 1)
                throw vocab.Error($"has the token \"{pieces[id]}\" (id {id}), which is not one character, in a model without merges.");
        }

        return new CharacterTokenizer(pieces, added, byteIds);
    }

    private static int ByteId(int value, TokenTable table, JsonField vocab) =>
        table.TryGetId(CharacterTokenizer.BytePiece(value), out var id)
            ? id
            : throw vocab.Error($"has no token {CharacterTokenizer.BytePiece(value)}, which byte fallback needs.");

    private static void CheckDecoder(JsonField decoder, bool byteFallback)
    {
        if (decoder.IsNull) throw decoder.Error("is null; a character tokenizer needs \"Fuse\".");
        string[] steps = decoder.Type == "Sequence"
            ? [.. decoder.Only("type", "decoders")["decoders"].Items().Select(step => step.Only("type").Type)]
            : [decoder.Only("type").Type];
        string[] expected = byteFallback ? ["ByteFallback", "Fuse"] : ["Fuse"];
        if (!steps.SequenceEqual(expected))
            throw decoder.Error($"is {string.Join(", ", steps)}, which is not supported; a character tokenizer of this kind needs {string.Join(", ", expected)}.");
    }
}
