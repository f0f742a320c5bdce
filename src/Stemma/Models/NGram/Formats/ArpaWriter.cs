using System.Runtime.CompilerServices;
using Stemma.Numerics.Formats;

namespace Stemma.Models.NGram;

/// <summary>Writes the ARPA format, which every n-gram toolkit reads: text, a section for each order, logarithms to base 10.</summary>
internal static class ArpaWriter
{
    private const int BatchRecords = 1 << 14;

    public static void Write(string path, NGramTable table, IProgress<NGramProgress>? progress, CancellationToken cancellation) =>
        AtomicFile.Write(path, stream =>
        {
            stream.Write("\\data\\\n"u8);
            for (var order = 1; order <= table.Order; order++) stream.Write(System.Text.Encoding.ASCII.GetBytes($"ngram {order}={table.Counts[order - 1]}\n"));
            stream.Write("\n"u8);
            for (var order = 1; order <= table.Order; order++)
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes($"\\{order}-grams:\n"));
                WriteOrder(stream, table, order, progress, cancellation);
                stream.Write("\n"u8);
            }
            stream.Write("\\end\\\n"u8);
        });

    // Batches are formatted by all threads and written in their order, one wave after another.
    private static void WriteOrder(Stream stream, NGramTable table, int order, IProgress<NGramProgress>? progress, CancellationToken cancellation)
    {
        var batches = (table.Orders[order - 1].Count + BatchRecords - 1) / BatchRecords;
        var (ready, next) = (Batches(), Batches());
        var writing = Task.CompletedTask;
        for (var first = 0L; first < batches; first += next.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            var (start, count, target) = (first, (int)Math.Min(next.Length, batches - first), next);
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = table.ThreadCount, CancellationToken = cancellation }, i => target[i].Format(table, order, (start + i) * BatchRecords));
            writing.GetAwaiter().GetResult();
            (ready, next) = (next, ready);
            var written = ready;
            writing = Task.Run(() =>
            {
                for (var i = 0; i < count; i++) stream.Write(written[i].Bytes);
            }, CancellationToken.None);
            progress?.Report(new("Writing", (order - 1 + ((double)(first + count) / batches)) / table.Order));
        }
        writing.GetAwaiter().GetResult();

        Batch[] Batches() => [.. Enumerable.Range(0, table.ThreadCount * 2).Select(_ => new Batch())];
    }

    private sealed class Batch
    {
        private byte[] _bytes = new byte[1 << 20];
        private int _length;

        public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Format(NGramTable table, int order, long start)
        {
            _length = 0;
            var (layout, vocabulary) = (table.Layout, table.Vocabulary);
            using var reader = table.Orders[order - 1].Read(start);
            var isHighest = order == table.Order;
            for (var i = 0; i < BatchRecords && reader.MoveNext(); i++)
            {
                ref readonly var gram = ref reader.Current;
                Reserve(64);
                _length += LogNumber.Write(gram.LogProbability, _bytes.AsSpan(_length));
                var separator = (byte)'\t';
                for (var position = 0; position < order; position++)
                {
                    var word = vocabulary.Utf8(layout.Word(gram.Key, position));
                    Reserve(word.Length + 64);
                    _bytes[_length++] = separator;
                    word.CopyTo(_bytes.AsSpan(_length));
                    _length += word.Length;
                    separator = (byte)' ';
                }
                if (!isHighest)
                {
                    _bytes[_length++] = (byte)'\t';
                    _length += LogNumber.Write(gram.LogBackoff, _bytes.AsSpan(_length));
                }
                _bytes[_length++] = (byte)'\n';
            }
        }

        private void Reserve(int count)
        {
            if (_length + count > _bytes.Length) Array.Resize(ref _bytes, checked(Math.Max(_bytes.Length * 2, _length + count)));
        }
    }
}
