using System.Text;
using System.Text.Json;

namespace Stemma.Text.Tokenizers.Models;

/// <summary>A token for every word of the vocabulary, one for all others.</summary>
/// <param name="pieces">The words by id; null where an id is an added token's.</param>
/// <param name="unknown">The word that stands for those not in the vocabulary. When it is not there itself, such a word is an error.</param>
public sealed class WordLevelModel(IReadOnlyList<string?> pieces, string unknown) : VocabularyModel(pieces)
{
    /// <summary>The word that stands for those not in the vocabulary.</summary>
    public string Unknown { get; } = unknown;

    internal override WordEncoder StartEncoder() => new Encoder(this);

    internal override void AddTo(TokenizerHash hash)
    {
        hash.Add("WordLevel");
        hash.Add(Unknown);
    }

    internal override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "WordLevel");
        WriteVocabulary(json);
        json.WriteString("unk_token", Unknown);
    }

    private sealed class Encoder(WordLevelModel model) : WordEncoder
    {
        public override void Encode(ReadOnlySpan<char> word, List<int> ids, List<int>? byteLengths)
        {
            if (!model.TryGetId(word, out var id) && !model.TryGetId(model.Unknown, out id))
                throw new TextFormatException($"The word \"{word}\" is not in the vocabulary, and neither is the unknown token \"{model.Unknown}\".");
            ids.Add(id);
            byteLengths?.Add(Encoding.UTF8.GetByteCount(word));
        }
    }
}
