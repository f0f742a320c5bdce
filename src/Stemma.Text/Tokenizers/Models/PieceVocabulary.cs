namespace Stemma.Text.Tokenizers.Models;

/// <summary>The spellings of a model's tokens by id and back.</summary>
internal sealed class PieceVocabulary
{
    private readonly string?[] pieces;
    private readonly Dictionary<string, int> ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;

    /// <param name="pieces">By id; null where an id is not the model's (an added token has it).</param>
    /// <exception cref="ArgumentException">A spelling is there twice.</exception>
    public PieceVocabulary(IReadOnlyList<string?> pieces)
    {
        this.pieces = [.. pieces];
        ids = new Dictionary<string, int>(this.pieces.Length, StringComparer.Ordinal);
        for (var id = 0; id < this.pieces.Length; id++)
            if (this.pieces[id] is { } piece) ids.Add(piece, id);
        lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public int Count => pieces.Length;

    /// <summary>The spelling of a token; null where the id is not the model's.</summary>
    public string? this[int id] => pieces[id];

    public bool TryGetId(ReadOnlySpan<char> piece, out int id) => lookup.TryGetValue(piece, out id);

    /// <summary>The ids of <c>&lt;0x00&gt;</c> … <c>&lt;0xFF&gt;</c>, −1 where there is none.</summary>
    public int[] ByteIds() => [.. Enumerable.Range(0, 256).Select(value => ids.GetValueOrDefault($"<0x{value:X2}>", -1))];
}
