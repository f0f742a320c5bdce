using Stemma.Text.Tokenizers.Models;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Token models in <c>tokenizer.json</c>.</summary>
internal static class ModelJson
{
    private const string Supported = "\"BPE\", \"Unigram\", \"WordLevel\", \"WordPiece\"";

    /// <summary>The kind of model; files of old versions do not say, and BPE is told by its merges.</summary>
    public static string Kind(JsonField model) => !model["type"].IsNull ? model.Type : !model["merges"].IsNull ? "BPE" : throw model.Error("has no \"type\".");

    public static TokenModel Read(JsonField model, IReadOnlyList<AddedToken> added)
    {
        switch (Kind(model))
        {
            case "BPE":
                return Bpe(model, added);
            case "WordPiece":
                model.Only("type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab");
                var most = model["max_input_chars_per_word"];
                return Guard(model["vocab"], () => new WordPieceModel(
                    new TokenTable(model["vocab"], added).ModelPieces(), model["unk_token"].IsNull ? "[UNK]" : model["unk_token"].AsString(),
                    model["continuing_subword_prefix"].IsNull ? "##" : model["continuing_subword_prefix"].AsString(), most.IsNull ? 100 : most.AsInt(1)));
            case "WordLevel":
                model.Only("type", "vocab", "unk_token");
                return Guard(model["vocab"], () => new WordLevelModel(new TokenTable(model["vocab"], added).ModelPieces(), model["unk_token"].AsString()));
            case "Unigram":
                return Unigram(model.Only("type", "unk_id", "vocab", "byte_fallback"));
            default:
                throw model["type"].Error($"is \"{model.Type}\", which is not supported; supported are {Supported}.");
        }
    }

    /// <summary>The options of a BPE model; an empty prefix or suffix is none.</summary>
    public static BpeModelOptions BpeOptions(JsonField model)
    {
        model.Only(
            "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges");
        double? dropout = model["dropout"].IsNull ? null : model["dropout"].AsNumber();
        if (dropout is < 0 or > 1) throw model["dropout"].Error("must be a probability, from 0 to 1.");
        return new BpeModelOptions(
            Text(model["unk_token"]), model["fuse_unk"].AsBool(missing: false), model["byte_fallback"].AsBool(missing: false), model["ignore_merges"].AsBool(missing: false),
            Text(model["continuing_subword_prefix"]), Text(model["end_of_word_suffix"]), dropout is 0 ? null : dropout);

        static string? Text(JsonField field) => field.IsNull || field.AsString().Length == 0 ? null : field.AsString();
    }

    private static BpeModel Bpe(JsonField model, IReadOnlyList<AddedToken> added)
    {
        var options = BpeOptions(model);
        var table = new TokenTable(model["vocab"], added);
        var merges = BpeJson.ResolveMerges(model["merges"].Items().Select(field => (field, BpeJson.ReadMerge(field))), table, options.ContinuingPrefix);
        return Guard(model["vocab"], () => new BpeModel(table.ModelPieces(), merges, options));
    }

    private static UnigramModel Unigram(JsonField model)
    {
        List<string> pieces = [];
        List<float> scores = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var entry in model["vocab"].Items())
        {
            JsonField[] parts = [.. entry.Items()];
            if (parts.Length != 2) throw entry.Error("must be a piece and its log-probability, [\"▁the\", -3.2].");
            pieces.Add(parts[0].AsString());
            scores.Add((float)parts[1].AsNumber());
            if (!seen.Add(pieces[^1])) throw entry.Error($"repeats the piece \"{pieces[^1]}\".");
        }

        if (pieces.Count == 0) throw model["vocab"].Error("has no tokens.");
        int? unknown = model["unk_id"].IsNull ? null : model["unk_id"].AsId();
        if (unknown >= pieces.Count) throw model["unk_id"].Error($"is {unknown}; the vocabulary has the ids 0 to {pieces.Count - 1}.");
        return new UnigramModel(pieces, scores, unknown, model["byte_fallback"].AsBool(missing: false));
    }

    private static T Guard<T>(JsonField vocab, Func<T> build)
    {
        try
        {
            return build();
        }
        catch (ArgumentException exception) when (exception.ParamName is not null)
        {
            throw vocab.Error(exception.Message.Split(" (Parameter", 2)[0], exception);
        }
    }
}
