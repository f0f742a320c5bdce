namespace Stemma.Text.Tokenizers.Formats;

/// <summary>
/// The pieces of a vocabulary file by id, checked as they come: no id and no piece twice, no gap, an added token the same piece
/// under the same id as in the model.
/// </summary>
internal sealed class TokenTable
{
    private readonly JsonField vocabField;
    private readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> pieces = [];
    private readonly HashSet<int> modelIds = [];

    public TokenTable(JsonField vocab, IReadOnlyList<AddedToken> added)
    {
        vocabField = vocab;
        foreach (var (piece, field) in vocab.Members())
        {
            var id = field.AsId();
            if (!pieces.TryAdd(id, piece)) throw field.Error($"has id {id}, which \"{pieces[id]}\" already has.");
            modelIds.Add(id);
            if (!ids.TryAdd(piece, id)) throw vocab.Error($"has the token \"{piece}\" twice.");
        }

        foreach (var token in added)
        {
            if (ids.TryGetValue(token.Content, out var id) ? id != token.Id : !pieces.TryAdd(token.Id, token.Content))
                throw new TextFormatException($"{vocab.File}: added_tokens gives \"{token.Content}\" the id {token.Id}, which contradicts {vocab.Path}.");
            ids[token.Content] = token.Id;
        }
    }

    /// <summary>The pieces, index = id.</summary>
    public string[] InOrder()
    {
        var ordered = new string[pieces.Count];
        for (var id = 0; id < ordered.Length; id++)
            if (!pieces.TryGetValue(id, out ordered[id]!)) throw vocabField.Error($"has {pieces.Count} tokens but none with id {id}; ids must have no gaps.");
        return ordered;
    }

    /// <summary>The pieces of the model alone, index = id; null where an added token fills a gap.</summary>
    public string?[] ModelPieces()
    {
        string?[] ordered = InOrder();
        if (modelIds.Count == 0) throw vocabField.Error("has no tokens.");
        Array.Resize(ref ordered, modelIds.Max() + 1);
        for (var id = 0; id < ordered.Length; id++)
            if (!modelIds.Contains(id)) ordered[id] = null;
        return ordered;
    }

    public bool TryGetId(string piece, out int id) => ids.TryGetValue(piece, out id);
}
