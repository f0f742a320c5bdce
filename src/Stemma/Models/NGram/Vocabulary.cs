using System.Text;

namespace Stemma.Models.NGram;

/// <summary>
/// The tokens that an n-gram model knows: how each is spelled, and which ones begin a sequence, end it, and stand for what is
/// unknown. The token that begins a sequence is only ever a context.
/// </summary>
public sealed class NGramVocabulary
{
    /// <summary>How the token that begins a sequence is spelled.</summary>
    public const string BeginSpelling = "<s>";

    /// <summary>How the token that ends a sequence is spelled.</summary>
    public const string EndSpelling = "</s>";

    /// <summary>How the token for what is unknown is spelled.</summary>
    public const string UnknownSpelling = "<unk>";

    private readonly byte[] _bytes;
    private readonly int[] _ends;

    /// <summary>A vocabulary.</summary>
    /// <param name="spellings">Without white space, each once; a token's id is its place.</param>
    /// <param name="begin">The id of the token that begins a sequence; null where there is none.</param>
    /// <param name="end">The id of the token that ends one; null where there is none.</param>
    /// <param name="unknown">The id of the token for what is unknown; null where every token is known.</param>
    public NGramVocabulary(IReadOnlyList<string> spellings, int? begin, int? end, int? unknown)
    {
        ArgumentNullException.ThrowIfNull(spellings);
        (Begin, End, Unknown) = (begin, end, unknown);
        _ends = new int[spellings.Count];
        var bytes = new MemoryStream();
        for (var id = 0; id < spellings.Count; id++)
        {
            bytes.Write(Encoding.UTF8.GetBytes(spellings[id]));
            _ends[id] = checked((int)bytes.Length);
        }
        _bytes = bytes.ToArray();
    }

    internal NGramVocabulary(byte[] bytes, int[] ends, int? begin, int? end, int? unknown) => (_bytes, _ends, Begin, End, Unknown) = (bytes, ends, begin, end, unknown);

    /// <summary>The number of tokens.</summary>
    public int Count => _ends.Length;

    /// <summary>The id of the token that begins a sequence; null where there is none.</summary>
    public int? Begin { get; }

    /// <summary>The id of the token that ends a sequence; null where there is none.</summary>
    public int? End { get; }

    /// <summary>The id of the token for what is unknown; null where every token is known.</summary>
    public int? Unknown { get; }

    /// <summary>How many tokens can be predicted: all but the one that begins a sequence.</summary>
    public int PredictedCount => Count - (Begin is null ? 0 : 1);

    /// <summary>A token's spelling in UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8(int id) => id == 0 ? _bytes.AsSpan(0, _ends[0]) : _bytes.AsSpan(_ends[id - 1].._ends[id]);

    /// <summary>A token's spelling.</summary>
    public string this[int id] => Encoding.UTF8.GetString(Utf8(id));
}
