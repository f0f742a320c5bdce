using System.Text;

namespace Stemma.Text.Tokenizers.Characters;

/// <summary>
/// Makes a <see cref="CharacterTokenizer"/> of the characters of a text. Ids: the distinct characters (Unicode scalar values) in
/// ascending order, then the 256 byte tokens if wanted, then the special tokens.
/// </summary>
public sealed record CharacterTrainer
{
    /// <summary>Whether characters not seen in training become bytes, so that any text can be encoded. Costs 256 tokens.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Control tokens, given the last ids in this order. None by default: tiny Shakespeare has exactly 65 tokens.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = [];

    /// <summary>Collects the characters of the texts.</summary>
    /// <exception cref="TextFormatException">The texts hold no character and there is no byte fallback.</exception>
    public CharacterTokenizer Train(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        if (SpecialTokens.Any(string.IsNullOrEmpty) || SpecialTokens.Distinct(StringComparer.Ordinal).Count() != SpecialTokens.Count)
            throw new ArgumentException("Special tokens must be non-empty and distinct.", nameof(texts));
        var seen = new HashSet<int>();
        var ascii = new bool[128];
        foreach (var text in texts)
        {
            foreach (var rune in text.EnumerateRunes())
                if (rune.IsAscii) ascii[rune.Value] = true;
                else seen.Add(rune.Value);
        }

        for (var value = 0; value < ascii.Length; value++)
            if (ascii[value]) seen.Add(value);
        if (seen.Count == 0 && !ByteFallback) throw new TextFormatException("The text to train a character tokenizer on is empty.");

        var characters = seen.Order().Select(value => new Rune(value).ToString()).ToArray();
        string[] bytes = ByteFallback ? [.. Enumerable.Range(0, 256).Select(CharacterTokenizer.BytePiece)] : [];
        var byteIds = ByteFallback ? Enumerable.Range(characters.Length, 256).ToArray() : null;
        var firstSpecial = characters.Length + bytes.Length;
        var added = SpecialTokens.Select((content, index) => new AddedToken(firstSpecial + index, content, IsSpecial: true)).ToArray();
        return new CharacterTokenizer([.. characters, .. bytes, .. SpecialTokens], added, byteIds);
    }
}
