using System.Text;

namespace Stemma.Text.Tokenizers.Unigram;

/// <summary>
/// The pieces of a Unigram model and their log-probabilities (Kudo 2018, arXiv:1804.10959): a segmentation's probability is the product of its
/// pieces'. What no piece covers is one character of the unknown piece, at ten nats below the rarest piece.
/// </summary>
internal sealed class UnigramPieces
{
    private const float UnknownPenalty = 10;

    private readonly float[] scores;
    private readonly bool[] isUserDefined;
    private readonly float highest;

    /// <param name="pieces">The pieces that text can have, with their ids and log-probabilities, in nats.</param>
    /// <param name="unknown">The id of the unknown piece.</param>
    /// <param name="userDefined">Those that always win where they match.</param>
    public UnigramPieces(IReadOnlyList<(string Piece, int Id, float Score)> pieces, int unknown, IReadOnlySet<int> userDefined)
    {
        Unknown = unknown;
        Trie = new ByteTrie([.. pieces.Select(piece => (Encoding.UTF8.GetBytes(piece.Piece), piece.Id))]);
        var count = Math.Max(unknown, pieces.Count == 0 ? 0 : pieces.Max(piece => piece.Id)) + 1;
        (scores, isUserDefined) = (new float[count], new bool[count]);
        foreach (var (_, id, score) in pieces) (scores[id], isUserDefined[id]) = (score, userDefined.Contains(id));
        var normal = pieces.Where(piece => !userDefined.Contains(piece.Id)).Select(piece => piece.Score).DefaultIfEmpty(0).ToArray();
        highest = normal.Max();
        UnknownScore = normal.Min() - UnknownPenalty;
    }

    public ByteTrie Trie { get; }

    public int Unknown { get; }

    public float UnknownScore { get; }

    /// <summary>The log-probability of a piece over a stretch of so many bytes, in nats.</summary>
    public double Score(int id, int byteCount) => isUserDefined[id] ? byteCount * highest - 0.1 : scores[id];

    /// <summary>The bytes of the UTF-8 character that begins with a byte.</summary>
    public static int CharacterLength(byte first) => first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}
