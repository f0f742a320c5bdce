using System.Text.Json;

namespace Stemma.Text.Tokenizers.Models;

/// <summary>A model whose <c>tokenizer.json</c> lists its tokens as an object, piece → id.</summary>
public abstract class VocabularyModel : TokenModel
{
    private protected VocabularyModel(IReadOnlyList<string?> pieces) => Vocabulary = new PieceVocabulary(pieces);

    /// <inheritdoc/>
    public override int VocabSize => Vocabulary.Count;

    internal PieceVocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public override string Piece(int id) =>
        (uint)id < (uint)Vocabulary.Count && Vocabulary[id] is { } piece ? piece : throw new ArgumentOutOfRangeException(nameof(id), id, "The model has no such token.");

    /// <inheritdoc/>
    public override bool TryGetId(ReadOnlySpan<char> piece, out int id) => Vocabulary.TryGetId(piece, out id);

    private protected void WriteVocabulary(Utf8JsonWriter json)
    {
        json.WriteStartObject("vocab");
        for (var id = 0; id < Vocabulary.Count; id++)
            if (Vocabulary[id] is { } piece) json.WriteNumber(piece, id);
        json.WriteEndObject();
    }
}
