using System.Runtime.InteropServices;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// Counts GPT-2's words over many texts on several threads. Texts are taken in pieces of about a million characters, cut where no
/// word is; each thread counts into a table of its own, and sums do not depend on who counted what.
/// </summary>
internal sealed class WordCounter(int threadCount, Action<long> report, CancellationToken cancellation)
{
    private const int PieceLength = 1 << 20;
    private readonly Lock gate = new();
    private long charactersTaken;

    public WordCounts Count(IEnumerable<string> texts)
    {
        using var pieces = Pieces(texts).GetEnumerator();
        var workers = Enumerable.Range(0, threadCount).Select(_ => Task.Run(() => CountPieces(pieces), CancellationToken.None)).ToArray();
        Task.WhenAll(workers).GetAwaiter().GetResult();
        var total = workers[0].Result;
        foreach (var worker in workers.Skip(1))
            foreach (var (word, count) in worker.Result)
                CollectionsMarshal.GetValueRefOrAddDefault(total, word, out _) += count;
        var words = total.Keys.ToArray();
        Array.Sort(words, StringComparer.Ordinal);
        return new WordCounts(words, [.. words.Select(word => total[word])], charactersTaken);
    }

    private static IEnumerable<(string Text, int Start, int End)> Pieces(IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            for (var start = 0; start < text.Length;)
            {
                var end = text.Length;
                if (end - start > PieceLength && Gpt2PreTokenizer.CutPoint(text.AsSpan(start), PieceLength) is var cut and > 0) end = start + cut;
                yield return (text, start, end);
                start = end;
            }
        }
    }

    private Dictionary<string, long> CountPieces(IEnumerator<(string Text, int Start, int End)> pieces)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            (string Text, int Start, int End) piece;
            lock (gate)
            {
                if (!pieces.MoveNext()) return counts;
                piece = pieces.Current;
                var before = charactersTaken;
                charactersTaken += piece.End - piece.Start;
                if (before / PieceLength != charactersTaken / PieceLength) report(charactersTaken);
            }

            var text = piece.Text.AsSpan(piece.Start, piece.End - piece.Start);
            for (var start = 0; start < text.Length;)
            {
                var end = Gpt2PreTokenizer.WordEnd(text, start);
                CollectionsMarshal.GetValueRefOrAddDefault(lookup, text[start..end], out _)++;
                start = end;
            }
        }
    }
}
