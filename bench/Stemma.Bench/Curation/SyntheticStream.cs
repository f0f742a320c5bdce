using System.Text.Json;
using Stemma.Text.Corpora.Dotnet;

namespace Stemma.Bench.Curation;

/// <summary>
/// A stream of JSON Lines of any length that never was a file; the same bytes for the same seed. Words follow each other as they do in the
/// documentation of the SDK (a Markov chain of first order), so that texts look like English and none is said twice. Among fifty documents
/// there are one exact copy of an earlier one, one near copy, one page of noise, one read in a wrong encoding, and a broken line; one in five
/// has an address in it.
/// </summary>
internal sealed class SyntheticStream : Stream
{
    private const int Period = 50, Back = 1000, MostBytes = 1 << 17;

    // Each word as it stands in JSON, after a space.
    private readonly byte[][] _words;
    private readonly int[] _ids, _order, _starts;
    private readonly long _length;
    private readonly ulong _seed;
    private readonly byte[] _line = new byte[MostBytes];
    private int _start, _end;
    private long _document, _made;

    /// <summary>A stream of at least <paramref name="length"/> bytes, that ends with a whole line.</summary>
    public SyntheticStream(long length, ulong seed)
    {
        (_length, _seed) = (length, seed);
        Dictionary<string, int> known = new(StringComparer.Ordinal);
        List<int> ids = [];
        // An eighth of it, so that the chain stays in the processor's cache.
        foreach (var document in new DotnetDocsCorpus().Documents().Where((_, i) => i % 8 == 0))
        {
            foreach (var word in document.Text.Split((char[])[' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries))
            {
                if (!known.TryGetValue(word, out var id)) known.Add(word, id = known.Count);
                ids.Add(id);
            }
        }

        _words = [.. known.Keys.Select(word => (byte[])[(byte)' ', .. JsonEncodedText.Encode(word).EncodedUtf8Bytes])];
        _ids = [.. ids];
        // Where each word stands, side by side: a place at random gives a following word as often as the text has it.
        _starts = new int[_words.Length + 1];
        for (var i = 0; i + 1 < _ids.Length; i++) _starts[_ids[i] + 1]++;
        for (var i = 0; i < _words.Length; i++) _starts[i + 1] += _starts[i];
        _order = new int[_ids.Length];
        var next = _starts.ToArray();
        for (var i = 0; i + 1 < _ids.Length; i++) _order[next[_ids[i]]++] = i;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _made - (_end - _start); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (_start == _end)
        {
            if (_made >= _length) return 0;
            Make();
        }

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

    private void Make()
    {
        var number = _document++;
        var kind = number < Back ? -1 : (int)(number % Period);
        // A copy is the document made again, with the random numbers of the one it copies.
        var random = new Numbers(_seed ^ (ulong)(kind is 0 or 1 ? number - Back + 7 : number));
        var words = 150 + (int)random.Below(900);
        (_start, _end) = (0, 0);
        Put("{\"text\":\""u8);
        if (kind == 2) Noise(words, random);
        else Say(words, random, changed: kind == 1);
        if (kind % 5 == 4) Put(" Write to some.one@example.com or 192.0.2.17."u8);
        if (kind == 3) Put(" Itâ€™s donâ€™t, cafÃ© and naÃ¯ve."u8);
        Put(kind == 5 ? "\"\n"u8 : "\"}\n"u8);
        _made += _end;
    }

    private void Say(int words, Numbers random, bool changed)
    {
        var at = (int)random.Below(_ids.Length);
        for (var i = 0; i < words; i++)
        {
            var word = _ids[at];
            if (i % 120 == 119) Put("\\n\\n"u8);
            Put(changed && i % 97 == 96 ? " elsewhere"u8 : _words[word]);
            var (from, to) = (_starts[word], _starts[word + 1]);
            at = from == to ? (int)random.Below(_ids.Length) : _order[from + (int)random.Below(to - from)] + 1;
        }
    }

    private void Noise(int letters, Numbers random)
    {
        for (var i = 0; i < letters; i++) Put(i % 9 == 0 ? "|"u8 : "#"u8, (byte)('0' + random.Below(10)));
    }

    private void Put(ReadOnlySpan<byte> bytes, byte last = 0)
    {
        // A document ends where the buffer does; no usual one comes near.
        if (_end + bytes.Length + 64 > _line.Length) return;
        bytes.CopyTo(_line.AsSpan(_end));
        _end += bytes.Length;
        if (last != 0) _line[_end++] = last;
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private sealed class Numbers(ulong state)
    {
        private ulong _state = state * 0xD1342543DE82EF95;

        public long Below(long count)
        {
            var z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (long)Math.BigMul(z ^ (z >> 31), (ulong)count, out _);
        }
    }
}
