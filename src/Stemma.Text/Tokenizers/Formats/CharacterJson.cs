using Stemma.Text.Tokenizers.Characters;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Reads a character tokenizer from <c>tokenizer.json</c>: BPE without merges, see <see cref="CharacterTokenizer"/>.</summary>
internal static class CharacterJson
{
    /// <summary>Whether a file is what <see cref="CharacterTokenizer"/> does and nothing beyond it.</summary>
    public static bool Fits(JsonField root)
    {
        var model = root["model"];
        return root["pre_tokenizer"].IsNull && root["post_processor"].IsNull && root["truncation"].IsNull && root["padding"].IsNull && root["normalizer"].IsNull
            && ModelJson.BpeOptions(model) is { Unknown: null, IgnoreMerges: false, ContinuingPrefix: null, EndSuffix: null, Dropout: null, FuseUnknown: false, ByteFallback: var fallback }
            && !model["merges"].Items().Any() && HasDecoder(root["decoder"], fallback);
    }

    public static CharacterTokenizer Read(JsonField root)
    {
        var model = root["model"];
        var byteFallback = model["byte_fallback"].AsBool(missing: false);
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

    private static bool HasDecoder(JsonField decoder, bool byteFallback)
    {
        if (decoder.IsNull) return false;
        if (!byteFallback && decoder.Type == "Fuse") return true;
        if (decoder.Type != "Sequence") return false;
        string[] expected = byteFallback ? ["ByteFallback", "Fuse"] : ["Fuse"];
        return decoder.Only("type", "decoders")["decoders"].Items().Select(step => step.Type).SequenceEqual(expected);
    }
}
