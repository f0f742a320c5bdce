using System.Diagnostics;
using System.Globalization;
using Stemma.Curation;
using Stemma.Text.Corpora.Readers;

namespace Stemma.Bench;

/// <summary>
/// `curation`: a stream of JSON Lines that never was a file, made as it is read, goes through the steps that judge a document by itself and
/// through the notes of near duplicates. Shows MB/s of each, and that the memory does not grow.
/// </summary>
internal static class CurationBench
{
    public static int Run(string[] args)
    {
        var options = new Options(args);
        var megabytes = options.Number("--megabytes", 5000);
        options.RequireAllUsed();

        LocalStep[] steps = [new NormalizeStep(), new QualityStep { Rules = ["gopher"] }, new PersonalDataStep()];
        var filters = steps.Select(step => step.Build("")).ToArray();
        var notes = new NearDuplicatesStep().Build();
        using var nowhere = new BinaryWriter(Stream.Null);
        var ticks = new long[filters.Length + 2];
        var bytes = new long[filters.Length + 2];
        var (read, next, kept, watch, log) = (0L, 0L, 0L, Stopwatch.StartNew(), new ReadLog());
        using var stream = new GeneratedLines(megabytes * 1_000_000L);
        Console.WriteLine("  read MB   seconds  process MB  managed heap MB  documents kept");
        var before = Stopwatch.GetTimestamp();
        foreach (var raw in new JsonLinesReader(["text"]).Read(stream, "stream", ReadLimits.Usual, log))
        {
            var now = Stopwatch.GetTimestamp();
            ticks[0] += now - before;
            var document = new CuratedDocument { Text = raw.Text, Name = raw.Name, Position = raw.Position };
            bytes[0] += document.ByteCount;
            read = raw.Position;
            var dropped = false;
            for (var i = 0; i < filters.Length && !dropped; i++)
            {
                bytes[i + 1] += document.ByteCount;
                now = Stopwatch.GetTimestamp();
                dropped = filters[i].Apply(document, new()) is not null;
                ticks[i + 1] += Stopwatch.GetTimestamp() - now;
            }

            if (!dropped)
            {
                kept++;
                bytes[^1] += document.ByteCount;
                now = Stopwatch.GetTimestamp();
                notes.Note(document, nowhere);
                ticks[^1] += Stopwatch.GetTimestamp() - now;
            }

            if (read >= next)
            {
                using var process = Process.GetCurrentProcess();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{read / 1e6,9:0} {watch.Elapsed.TotalSeconds,9:0.0} {process.WorkingSet64 / 1e6,11:0.0} {GC.GetTotalMemory(false) / 1e6,16:0.0} {kept,15:N0}"));
                next = read == 0 ? 1_000_000 : Math.Max(2 * read, 1) < megabytes * 50_000L ? 2 * read : read + megabytes * 50_000L;
            }

            before = Stopwatch.GetTimestamp();
        }

        string[] names = ["reading (with making the stream)", .. steps.Select(step => step.Kind), "notes of near_duplicates"];
        foreach (var (i, name) in names.Index())
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-34} {bytes[i] / 1e6 / (ticks[i] / (double)Stopwatch.Frequency),8:0.0} MB/s"));
        return 0;
    }

    /// <summary>Lines of JSON with sentences of made-up words; the same bytes every time.</summary>
    private sealed class GeneratedLines(long length) : Stream
    {
        private const string Consonants = "bdfgklmnprstv", Vowels = "aeiou";
        private readonly byte[] _line = new byte[1 << 14];
        private int _start, _end;
        private long _made;
        private ulong _state = 1;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get => _made; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            if (_start == _end && (_made >= length || !Make())) return 0;
            var count = Math.Min(buffer.Length, _end - _start);
            _line.AsSpan(_start, count).CopyTo(buffer);
            _start += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private bool Make()
        {
            (_start, _end) = (0, 0);
            Put("{\"text\":\""u8);
            var wanted = 1000 + (int)(Next() % 4000);
            while (_end < wanted)
            {
                Put("The "u8);
                for (var word = 0; word < 10; word++)
                {
                    for (var syllable = Next() % 3 + 1; syllable > 0; syllable--) Put([(byte)Consonants[(int)(Next() % 13)], (byte)Vowels[(int)(Next() % 5)]]);
                    Put((Next() % 4) switch { 0 => " of "u8, 1 => " and "u8, _ => " "u8 });
                }

                Put("was. "u8);
            }

            Put("\"}\n"u8);
            _made += _end;
            return true;
        }

        private void Put(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_line.AsSpan(_end));
            _end += bytes.Length;
        }

        private ulong Next()
        {
            _state = _state * 6364136223846793005 + 1442695040888963407;
            return _state >> 33;
        }
    }
}
