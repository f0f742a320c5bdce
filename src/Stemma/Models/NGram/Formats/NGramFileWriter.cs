using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Stemma.Models.NGram;

/// <summary>Writes a model as tables that are looked up in place, see <see cref="NGramHeader"/>.</summary>
internal static unsafe class NGramFileWriter
{
    public static void Write(string path, NGramTable table, IProgress<NGramProgress>? progress, CancellationToken cancellation)
    {
        var target = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                Fill(stream, table, progress, cancellation);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(temporary);
            if (e is IOException or UnauthorizedAccessException) throw new IOException($"{path} could not be written, and what was there before is unchanged: {e.Message.Replace(temporary, path, StringComparison.Ordinal)}", e);
            throw;
        }
    }

    private static void Fill(FileStream stream, NGramTable table, IProgress<NGramProgress>? progress, CancellationToken cancellation)
    {
        var vocabulary = table.Vocabulary;
        var spellings = 0L;
        for (var id = 0; id < vocabulary.Count; id++) spellings += vocabulary.Utf8(id).Length;
        var header = new NGramHeader
        {
            VocabSize = vocabulary.Count,
            Begin = vocabulary.Begin ?? -1,
            End = vocabulary.End ?? -1,
            Unknown = vocabulary.Unknown ?? -1,
            IsNormalized = table.IsNormalized,
            SpellingBytes = spellings,
            Counts = [.. table.Counts],
            Slots = [.. table.Counts.Select((count, i) => i == 0 ? count : NGramHeader.SlotsFor(count))],
        };
        if (header.Slots.Max() > uint.MaxValue) throw new ConfigurationException($"There are {table.Counts.Max()} n-grams of one order; a binary model holds at most {uint.MaxValue / 3 * 2}. Prune more.");
        using var file = MappedFile.Over(stream, header.FileBytes);
        header.Write(new Span<byte>(file.Start, header.Bytes));
        var ends = (int*)(file.Start + header.SpellingEnds);
        var end = 0;
        for (var id = 0; id < vocabulary.Count; id++)
        {
            var spelling = vocabulary.Utf8(id);
            spelling.CopyTo(new Span<byte>(file.Start + header.Spellings + end, spelling.Length));
            ends[id] = end += spelling.Length;
        }
        using (var reader = table.Orders[0].Read())
        {
            var unigrams = (Unigram*)(file.Start + header.Unigrams);
            for (var id = 0; reader.MoveNext(); id++) unigrams[id] = new(LogNumber.Round(reader.Current.LogProbability), LogNumber.Round(reader.Current.LogBackoff));
        }
        var places = NativeMemory.Alloc((nuint)Math.Max(1, table.Counts.Max()), sizeof(uint));
        var lowerPlaces = NativeMemory.Alloc((nuint)Math.Max(1, table.Counts.Max()), sizeof(uint));
        try
        {
            for (var id = 0; id < vocabulary.Count; id++) ((uint*)lowerPlaces)[id] = (uint)id;
            for (var order = 2; order <= table.Order; order++)
            {
                cancellation.ThrowIfCancellationRequested();
                FillOrder(file, header, table, order, (uint*)lowerPlaces, (uint*)places);
                var swap = places;
                places = lowerPlaces;
                lowerPlaces = swap;
                progress?.Report(new("Writing", (double)order / table.Order));
            }
        }
        finally
        {
            NativeMemory.Free(places);
            NativeMemory.Free(lowerPlaces);
        }
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(file.Start + NGramHeader.ChecksumOffset, 8), file.Checksum());
        file.Flush();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FillOrder(MappedFile file, NGramHeader header, NGramTable table, int order, uint* lowerPlaces, uint* places)
    {
        var (layout, slots, isHighest) = (table.Layout, header.Slots[order - 1], order == table.Order);
        var start = file.Start + header.Table(order);
        var stride = isHighest ? NGramHeader.HighestBytes : NGramHeader.MiddleBytes;
        for (long slot = 0; slot < slots; slot++) *(uint*)(start + (slot * stride)) = uint.MaxValue;
        using var reader = table.Orders[order - 1].Read();
        using var endings = table.Orders[order - 2].Read();
        endings.MoveNext();
        var ending = 0L;
        for (var index = 0L; reader.MoveNext(); index++)
        {
            ref readonly var gram = ref reader.Current;
            var rest = layout.Suffix(gram.Key, order, order - 1);
            for (; endings.Current.Key != rest; ending++) endings.MoveNext();
            var hash = NGramLocation.Start(layout.Word(gram.Key, order - 1));
            for (var position = order - 2; position >= 0; position--) hash = NGramLocation.Extend(hash, layout.Word(gram.Key, position));
            var slot = NGramLocation.Slot(hash, slots);
            while (*(uint*)(start + (slot * stride)) != uint.MaxValue) slot = slot + 1 == slots ? 0 : slot + 1;
            var entry = (MiddleEntry*)(start + (slot * stride));
            (entry->Word, entry->Rest, entry->LogProbability) = ((uint)layout.Word(gram.Key, 0), lowerPlaces[ending], LogNumber.Round(gram.LogProbability));
            if (!isHighest) entry->LogBackoff = LogNumber.Round(gram.LogBackoff);
            places[index] = (uint)slot;
        }
    }
}

/// <summary>A unigram in a binary model.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Unigram(float LogProbability, float LogBackoff);

/// <summary>An n-gram in a binary model: its first word, where the rest of it lies one order below, and its logarithms; the highest order lacks the last.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MiddleEntry
{
    public uint Word;
    public uint Rest;
    public float LogProbability;
    public float LogBackoff;
}
