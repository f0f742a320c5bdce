using System.Text;

namespace Stemma.Text.Tokenizers.Training;

/// <summary>Sorted tables of word counts on disk, in a temporary folder that goes with them; merged in one pass.</summary>
internal sealed class WordRuns : IDisposable
{
    private readonly Lock gate = new();
    private readonly List<string> files = [];
    private DirectoryInfo? folder;

    public int Count => files.Count;

    public void Write(IEnumerable<(string Word, long Count)> words)
    {
        string path;
        lock (gate)
        {
            folder ??= Directory.CreateTempSubdirectory("stemma-words-");
            path = Path.Combine(folder.FullName, $"{files.Count}.words");
            files.Add(path);
        }

        using var writer = new BinaryWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16), Encoding.Unicode);
        foreach (var (word, count) in words)
        {
            writer.Write(word);
            writer.Write7BitEncodedInt64(count);
        }
    }

    /// <summary>All words of the files and of these tables, each sorted ordinally; equal ones summed.</summary>
    public IEnumerable<(string Word, long Count)> Merge(IEnumerable<IEnumerable<(string Word, long Count)>> tables)
    {
        var sources = files.Select(Read).Concat(tables).Select(source => source.GetEnumerator()).ToList();
        try
        {
            var queue = new PriorityQueue<int, string>(StringComparer.Ordinal);
            for (var i = 0; i < sources.Count; i++)
                if (sources[i].MoveNext()) queue.Enqueue(i, sources[i].Current.Word);
            while (queue.TryPeek(out _, out var word))
            {
                var count = 0L;
                while (queue.TryPeek(out var next, out var same) && same == word)
                {
                    count += sources[next].Current.Count;
                    if (sources[next].MoveNext()) queue.DequeueEnqueue(next, sources[next].Current.Word);
                    else queue.Dequeue();
                }

                yield return (word, count);
            }
        }
        finally
        {
            foreach (var source in sources) source.Dispose();
        }
    }

    public void Dispose() => folder?.Delete(recursive: true);

    private static IEnumerable<(string Word, long Count)> Read(string path)
    {
        using var reader = new BinaryReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16), Encoding.Unicode);
        while (reader.BaseStream.Position < reader.BaseStream.Length) yield return (reader.ReadString(), reader.Read7BitEncodedInt64());
    }
}
