using System.Runtime.InteropServices;
using Stemma.Text.Corpora;

namespace Stemma.Text.Tokenizers.Training;

/// <summary>
/// Counts words over many texts on several threads in bounded memory. Texts are taken in pieces of about a million characters, cut where no
/// word is; each thread counts into a table of its own, which goes to disk, sorted, when it is full; at the end all tables are merged.
/// Sums do not depend on who counted what, nor on what went to disk.
/// </summary>
/// <param name="threadCount">How many threads count.</param>
/// <param name="memory">Bytes that all of the training may take, about: tables while counting, then the words and what the trainer keeps of them.</param>
/// <param name="cost">What the trainer keeps of a word, the word itself included.</param>
/// <param name="report">Told how many characters are counted.</param>
/// <param name="cancellation">Stops the counting.</param>
internal sealed class WordCounter<TDivision>(int threadCount, long memory, TrainerCost cost, Action<long> report, CancellationToken cancellation)
    where TDivision : struct, IWordDivision
{
    private const int PieceLength = 1 << 20;

    // A string and its place in a table, without its characters.
    private const int WordOverhead = 72;

    // What a process takes without any words: the runtime, its code, the stretches of text that are read.
    private const long ProcessBytes = 80L << 20;

    private readonly Lock gate = new();
    private long charactersTaken;

    public WordCounts Count(IEnumerable<string> texts) => Count(TextStretch.Whole(texts));

    public WordCounts Count(IEnumerable<TextStretch> texts)
    {
        using var pieces = Pieces(texts).GetEnumerator();
        using var runs = new WordRuns();
        var workers = Enumerable.Range(0, threadCount).Select(_ => Task.Run(() => CountPieces(pieces, runs), CancellationToken.None)).ToArray();
        Task.WhenAll(workers).GetAwaiter().GetResult();
        return Merge([.. workers.Select(worker => worker.Result)], runs);
    }

    private static IEnumerable<Piece> Pieces(IEnumerable<TextStretch> texts)
    {
        foreach (var (text, isContinuation) in texts)
        {
            for (var start = 0; start < text.Length;)
            {
                var end = text.Length;
                if (end - start > PieceLength && TDivision.CutPoint(text.AsSpan(start), PieceLength) is var cut and > 0) end = start + cut;
                yield return new(text, start, end, BeginsText: start == 0 && !isContinuation);
                start = end;
            }
        }
    }

    private Dictionary<string, long> CountPieces(IEnumerator<Piece> pieces, WordRuns runs)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var bytes = 0L;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            Piece piece;
            lock (gate)
            {
                if (!pieces.MoveNext()) return counts;
                piece = pieces.Current;
                var before = charactersTaken;
                charactersTaken += piece.End - piece.Start;
                if (before / PieceLength != charactersTaken / PieceLength) report(charactersTaken);
            }

            var text = piece.Text.AsSpan(piece.Start, piece.End - piece.Start);
            if (piece.BeginsText && TDivision.Prefix.Length > 0) text = string.Concat(TDivision.Prefix, text);
            for (var start = 0; start < text.Length;)
            {
                var end = TDivision.WordEnd(text, start);
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(lookup, text[start..end], out var exists);
                count++;
                if (!exists) bytes += WordOverhead + 2 * (end - start);
                start = end;
            }

            if (bytes <= Share(memory / 2) / threadCount) continue;
            runs.Write(Sorted(counts));
            counts.Clear();
            bytes = 0;
        }
    }

    // Of the memory so much for words, if the process itself leaves it.
    private long Share(long wanted) => Math.Max(memory / 4, Math.Min(wanted, memory - ProcessBytes));

    private static IEnumerable<(string Word, long Count)> Sorted(Dictionary<string, long> counts)
    {
        var words = counts.Keys.ToArray();
        Array.Sort(words, StringComparer.Ordinal);
        return words.Select(word => (word, counts[word]));
    }

    private WordCounts Merge(Dictionary<string, long>[] tables, WordRuns runs)
    {
        List<(string Word, long Count)> kept = [];
        var (bytes, lowest) = (0L, 1L);
        foreach (var (word, count) in runs.Merge(tables.Select(Sorted)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (count < lowest) continue;
            kept.Add((word, count));
            bytes += cost.Of(word);
            while (bytes > Share(memory / 4 * 3))
            {
                // Too many words for the memory: the rarest go, here and in what is still to come.
                lowest++;
                kept.RemoveAll(item => item.Count < lowest);
                bytes = kept.Sum(item => cost.Of(item.Word));
            }
        }

        return new([.. kept.Select(item => item.Word)], [.. kept.Select(item => item.Count)], charactersTaken, lowest);
    }

    private readonly record struct Piece(string Text, int Start, int End, bool BeginsText);
}
