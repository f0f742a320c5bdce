using System.Text;
using Stemma.Numerics.Formats;

namespace Stemma.Curation;

/// <summary>
/// The order of the documents in two passes and bounded memory: each copy of a document goes to a bucket chosen at random, each bucket is
/// sorted by random numbers. Buckets uniform and orders uniform within them is a uniform order of all. The first pass leaves a file per
/// part in which the buckets lie one after the other, so that the second reads a bucket in as many pieces as there are parts.
/// </summary>
/// <param name="TrainBuckets">Buckets, a shard each, at least 1.</param>
/// <param name="HeldOutBuckets">The same of what is held out; 0 for none.</param>
/// <param name="Epochs">Times per document, for each input.</param>
/// <param name="HeldOutFraction">The share that is held out.</param>
/// <param name="Seed">Decides all.</param>
internal sealed record Shuffle(int TrainBuckets, int HeldOutBuckets, double[] Epochs, double HeldOutFraction, ulong Seed)
{
    private int BucketCount => TrainBuckets + HeldOutBuckets;

    /// <summary>First pass, for a part.</summary>
    public void Scatter(IEnumerable<CuratedDocument> documents, string path, CancellationToken cancellation)
    {
        var buckets = new MemoryStream?[BucketCount];
        foreach (var document in documents)
        {
            cancellation.ThrowIfCancellationRequested();
            var identity = Identity.Of(document, Seed);
            var heldOut = HeldOutBuckets > 0 && Mixture.IsHeldOut(HeldOutFraction, identity);
            var copies = heldOut ? 1 : Mixture.Copies(Epochs[document.Input], identity);
            for (var copy = 0; copy < copies; copy++)
            {
                var random = Words.Mix(identity + 16 + (ulong)copy);
                var bucket = heldOut ? TrainBuckets + (int)Below(HeldOutBuckets, random) : (int)Below(TrainBuckets, random);
                using var writer = new BinaryWriter(buckets[bucket] ??= new MemoryStream(), Encoding.UTF8, leaveOpen: true);
                writer.Write(Words.Mix(random));
                writer.Write(document.Id);
                DocumentFile.Write(writer, document);
            }
        }

        AtomicFile.Write(path, stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            var position = (BucketCount + 1L) * sizeof(long);
            foreach (var bucket in buckets)
            {
                writer.Write(position);
                position += bucket?.Length ?? 0;
            }

            writer.Write(position);
            foreach (var bucket in buckets) bucket?.WriteTo(stream);
        });
    }

    /// <summary>Second pass: a bucket's documents in their order.</summary>
    public static List<CuratedDocument> Gather(int bucket, IReadOnlyList<string> parts)
    {
        List<(ulong Order, CuratedDocument Document)> documents = [];
        foreach (var part in parts)
        {
            using var file = new FileStream(part, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            using var reader = new BinaryReader(file, Encoding.UTF8);
            file.Position = bucket * sizeof(long);
            var (start, end) = (reader.ReadInt64(), reader.ReadInt64());
            file.Position = start;
            while (file.Position < end)
            {
                var (order, id) = (reader.ReadUInt64(), reader.ReadInt64());
                documents.Add((order, DocumentFile.Read(reader, (int)reader.ReadUInt32(), id)));
            }
        }

        documents.Sort((a, b) => a.Order.CompareTo(b.Order) is var order and not 0 ? order : a.Document.Id.CompareTo(b.Document.Id));
        return documents.ConvertAll(entry => entry.Document);
    }

    private static long Below(int count, ulong random) => (long)Math.BigMul(random, (ulong)count, out _);
}
