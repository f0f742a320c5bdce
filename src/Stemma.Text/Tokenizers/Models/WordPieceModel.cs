using System.Text;
using System.Text.Json;

namespace Stemma.Text.Tokenizers.Models;

/// <summary>
/// WordPiece as BERT uses it (Schuster &amp; Nakajima 2012; Devlin et al. 2019, arXiv:1810.04805): from left to right the longest token that the rest
/// of the word begins with; a word of which that is not true everywhere is unknown as a whole.
/// </summary>
public sealed class WordPieceModel : VocabularyModel
{
    private readonly int unknownId;
    private readonly int longestPiece;

    /// <summary>A model of these tokens.</summary>
    /// <param name="pieces">The tokens by id; null where an id is an added token's.</param>
    /// <param name="unknown">The token for unknown words; in the vocabulary.</param>
    /// <param name="continuingPrefix">What the spelling of a token that does not begin a word begins with.</param>
    /// <param name="mostCharacters">A longer word is unknown.</param>
    /// <exception cref="ArgumentException">The vocabulary has no <paramref name="unknown"/>.</exception>
    public WordPieceModel(IReadOnlyList<string?> pieces, string unknown = "[UNK]", string continuingPrefix = "##", int mostCharacters = 100)
        : base(pieces)
    {
        (Unknown, ContinuingPrefix, MostCharacters) = (unknown, continuingPrefix, mostCharacters);
        if (!Vocabulary.TryGetId(unknown, out unknownId)) throw new ArgumentException($"has no token \"{unknown}\", which unknown words become.", nameof(pieces));
        longestPiece = Enumerable.Range(0, Vocabulary.Count).Max(id => Vocabulary[id]?.Length ?? 0);
    }

    /// <summary>The token for unknown words.</summary>
    public string Unknown { get; }

    /// <summary>What the spelling of a token that does not begin a word begins with.</summary>
    public string ContinuingPrefix { get; }

    /// <summary>A longer word, in characters, is unknown.</summary>
    public int MostCharacters { get; }

    internal override WordEncoder StartEncoder() => new Encoder(this);

    internal override void AddTo(TokenizerHash hash)
    {
        hash.Add("WordPiece");
        hash.Add(Unknown);
        hash.Add(ContinuingPrefix);
        hash.Add(MostCharacters);
    }

    internal override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "WordPiece");
        json.WriteString("unk_token", Unknown);
        json.WriteString("continuing_subword_prefix", ContinuingPrefix);
        json.WriteNumber("max_input_chars_per_word", MostCharacters);
        WriteVocabulary(json);
    }

    private sealed class Encoder(WordPieceModel model) : WordEncoder
    {
        private readonly char[] piece = new char[model.longestPiece];

        public override void Encode(ReadOnlySpan<char> word, List<int> ids, List<int>? byteLengths)
        {
            var first = ids.Count;
            var prefix = model.ContinuingPrefix;
            var isKnown = word.Length <= model.MostCharacters || CharacterCount(word) <= model.MostCharacters;
            for (var start = 0; isKnown && start < word.Length;)
            {
                var lead = start == 0 ? 0 : prefix.Length;
                var end = Math.Min(word.Length, start + piece.Length - lead);
                var id = -1;
                if (end > start && lead > 0) prefix.CopyTo(piece);
                if (end > start) word[start..end].CopyTo(piece.AsSpan(lead));
                while (end > start && !model.TryGetId(piece.AsSpan(0, lead + end - start), out id))
                {
                    id = -1;
                    end--;
                }

                // A token may not end inside a surrogate pair: no spelling does.
                isKnown = id >= 0;
                if (!isKnown) break;
                ids.Add(id);
                byteLengths?.Add(Encoding.UTF8.GetByteCount(word[start..end]));
                start = end;
            }

            if (isKnown) return;
            byteLengths?.RemoveRange(byteLengths.Count - (ids.Count - first), ids.Count - first);
            ids.RemoveRange(first, ids.Count - first);
            ids.Add(model.unknownId);
            byteLengths?.Add(Encoding.UTF8.GetByteCount(word));
        }

        private static int CharacterCount(ReadOnlySpan<char> word)
        {
            var count = 0;
            foreach (var unit in word)
                if (!char.IsLowSurrogate(unit)) count++;
            return count;
        }
    }
}
