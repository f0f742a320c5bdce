using System.Text;
using System.Text.Encodings.Web;
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
    private const int Period = 50, Back = 1000;
    private static readonly JsonEncodedText TextField = JsonEncodedText.Encode("text");

    private readonly string[] _words;
    private readonly int[] _ids, _order, _starts;
    private readonly long _length;
    private readonly ulong _seed;
    private readonly MemoryStream _line = new();
    private readonly Utf8JsonWriter _json;
    private readonly StringBuilder _text = new();
    private long _document, _made;

    /// <summary>A stream of at least <paramref name="length"/> bytes, that ends with a whole line.</summary>
    public SyntheticStream(long length, ulong seed)
    {
        (_length, _seed) = (length, seed);
        _json = new Utf8JsonWriter(_line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Dictionary<string, int> known = new(StringComparer.Ordinal);
        List<int> ids = [];
        foreach (var document in new DotnetDocsCorpus().Documents())
        {
            foreach (var word in document.Text.Split((char[])[' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries))
            {
                if (!known.TryGetValue(word, out var id)) known.Add(word, id = known.Count);
                ids.Add(id);
            }
        }

        _words = [.. known.Keys];
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

    public override long Position { get => _made - (_line.Length - _line.Position); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (_line.Position == _line.Length && (_made >= _length || !Make())) return 0;
        return _line.Read(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _json.Dispose();
            _line.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool Make()
    {
        var number = _document++;
        var kind = number < Back ? -1 : (int)(number % Period);
        // A copy is the document made again, with the random numbers of the one it copies.
        var random = new Numbers(_seed ^ (ulong)(kind is 0 or 1 ? number - Back + 7 : number));
        var words = 150 + (int)random.Below(900);
        _text.Clear();
        if (kind == 2) for (var i = 0; i < words; i++) _text.Append(random.Below(1 << 30) % 99991 * 7919).Append(i % 9 == 0 ? '|' : '#');
        else Say(words, random, changed: kind == 1);
        if (kind % 5 == 4) _text.Append($" Write to someone{random.Below(100000)}@example{random.Below(100)}.org or 192.0.2.{random.Below(256)}.");
        if (kind == 3) _text.Append(" Itâ€™s donâ€™t, cafÃ© and naÃ¯ve.");
        _line.SetLength(0);
        _json.Reset(_line);
        _json.WriteStartObject();
        _json.WriteString(TextField, _text.ToString());
        if (kind != 5) _json.WriteEndObject();
        _json.Flush();
        _line.WriteByte((byte)'\n');
        _line.Position = 0;
        _made += _line.Length;
        return true;
    }

    private void Say(int words, Numbers random, bool changed)
    {
        var at = (int)random.Below(_ids.Length);
        for (var i = 0; i < words; i++)
        {
            var word = _ids[at];
            if (_text.Length > 0) _text.Append(i % 120 == 0 ? "\n\n" : " ");
            _text.Append(changed && i % 97 == 96 ? "elsewhere" : _words[word]);
            var (from, to) = (_starts[word], _starts[word + 1]);
            at = from == to ? (int)random.Below(_ids.Length) : _order[from + (int)random.Below(to - from)] + 1;
        }
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
