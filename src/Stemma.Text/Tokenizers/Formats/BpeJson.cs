using System.Text;
using System.Text.Json;
using Stemma.Text.Tokenizers.Bpe;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>Reads byte-level BPE from <c>tokenizer.json</c>.</summary>
internal static class BpeJson
{
    /// <summary>Whether a file is what <see cref="BpeTokenizer"/> does and nothing beyond it.</summary>
    public static bool Fits(JsonField root) =>
        IsByteLevel(root["pre_tokenizer"]) && root["pre_tokenizer"]["use_regex"].AsBool(missing: true) && IsByteLevel(root["decoder"])
        && (root["post_processor"].IsNull || IsByteLevel(root["post_processor"])) && root["truncation"].IsNull && root["padding"].IsNull && root["normalizer"].IsNull
        && ModelJson.BpeOptions(root["model"]) is { Unknown: null, ByteFallback: false, IgnoreMerges: false, ContinuingPrefix: null, EndSuffix: null, Dropout: null, FuseUnknown: false };

    public static BpeTokenizer Read(JsonField root)
    {
        var model = root["model"];
        var merges = model["merges"].Items().Select(field => (field, ReadMerge(field)));
        return Build(model["vocab"], merges, TokenizerJson.AddedTokens(root), root["pre_tokenizer"]["add_prefix_space"].AsBool(missing: true));
    }

    /// <summary>Puts a tokenizer together from pieces in GPT-2's byte alphabet and merges by piece.</summary>
    public static BpeTokenizer Build(
        JsonField vocab, IEnumerable<(JsonField Field, (string Left, string Right) Pieces)> merges, IReadOnlyList<AddedToken> added, bool addPrefixSpace)
    {
        var table = new TokenTable(vocab, added);
        var pieces = table.InOrder();
        var isAdded = added.Select(token => token.Id).ToHashSet();
        var tokens = new byte[pieces.Length][];
        var bytesFound = new bool[256];
        for (var id = 0; id < pieces.Length; id++)
        {
            tokens[id] = isAdded.Contains(id)
                ? Encoding.UTF8.GetBytes(pieces[id])
                : ByteAlphabet.Read(pieces[id])
                    ?? throw vocab.Error($"has the token \"{pieces[id]}\" (id {id}), which is not spelled in the byte-level alphabet.");
            if (tokens[id].Length == 0) throw vocab.Error($"has an empty token (id {id}).");
            if (tokens[id].Length == 1 && !isAdded.Contains(id)) bytesFound[tokens[id][0]] = true;
        }

        if (Array.IndexOf(bytesFound, false) is var missing and >= 0)
            throw vocab.Error($"has no token for the byte 0x{missing:X2} (\"{ByteAlphabet.Spell([(byte)missing])}\"); byte-level BPE needs all 256.");
        return new BpeTokenizer(tokens, ResolveMerges(merges, table), added, addPrefixSpace);
    }

    /// <summary>Merges by id. Where pieces that continue a word have a prefix, the right one loses it in the merged piece.</summary>
    public static List<BpeMerge> ResolveMerges(IEnumerable<(JsonField Field, (string Left, string Right) Pieces)> merges, TokenTable table, string? prefix = null)
    {
        List<BpeMerge> resolved = [];
        HashSet<(int, int)> seen = [];
        foreach (var (field, (left, right)) in merges)
        {
            var merge = new BpeMerge(IdOf(left, field, table), IdOf(right, field, table), IdOf(left + (prefix is not null && right.StartsWith(prefix, StringComparison.Ordinal) ? right[prefix.Length..] : right), field, table));
            if (!seen.Add((merge.Left, merge.Right))) throw field.Error($"repeats the merge of \"{left}\" and \"{right}\".");
            resolved.Add(merge);
        }

        return resolved;
    }

    private static int IdOf(string piece, JsonField merge, TokenTable table) =>
        table.TryGetId(piece, out var id) ? id : throw merge.Error($"names the token \"{piece}\", which is not in the vocabulary.");

    // "Ġ t" in files written before tokenizers 0.20, ["Ġ", "t"] since.
    public static (string Left, string Right) ReadMerge(JsonField field)
    {
        string[] parts = field.Value.ValueKind == JsonValueKind.Array ? [.. field.Items().Select(part => part.AsString())] : field.AsString().Split(' ');
        if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0) throw field.Error("must be two tokens, \"a b\" or [\"a\", \"b\"].");
        return (parts[0], parts[1]);
    }

    private static bool IsByteLevel(JsonField component)
    {
        if (component.IsNull || component.Type != "ByteLevel") return false;
        component.Only("type", "add_prefix_space", "trim_offsets", "use_regex");
        return true;
    }
}
