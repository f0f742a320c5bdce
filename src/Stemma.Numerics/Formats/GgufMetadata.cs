using System.Buffers.Binary;
using System.Text;

namespace Stemma.Numerics.Formats;

/// <summary>
/// The key-value pairs at the front of a GGUF file (ggml's <c>gguf.md</c>, versions 2 and 3): magic, version, the number of tensors and of pairs, the pairs. Tensors are
/// not read. Nothing is believed before it is checked: a length never reaches beyond the file.
/// </summary>
public sealed class GgufMetadata
{
    /// <summary>The ending of such files.</summary>
    public const string Extension = ".gguf";

    private const long MostPairs = 1 << 20;
    private const int LongestKey = 1 << 16;
    private const int DeepestArray = 4;

    private readonly string _path;
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    private GgufMetadata(string path) => _path = path;

    /// <summary>The keys, as they come.</summary>
    public IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>Reads the pairs of a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointFormatException">It is not GGUF, of another version, or damaged.</exception>
    public static GgufMetadata Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        var metadata = new GgufMetadata(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        metadata.Read(new Cursor(stream, path));
        return metadata;
    }

    /// <summary>A text; null when there is no such key.</summary>
    /// <exception cref="CheckpointFormatException">The key holds something else.</exception>
    public string? Text(string key) => Get<string>(key, "a text");

    /// <summary>A whole number; null when there is no such key.</summary>
    /// <inheritdoc cref="Text"/>
    public long? Integer(string key) => Has(key) ? Get<object>(key, "a whole number") is long value ? value : throw Wrong(key, "a whole number") : null;

    /// <summary>Yes or no; null when there is no such key.</summary>
    /// <inheritdoc cref="Text"/>
    public bool? Flag(string key) => Has(key) ? Get<object>(key, "yes or no") is bool value ? value : throw Wrong(key, "yes or no") : null;

    /// <summary>A list of texts; null when there is no such key.</summary>
    /// <inheritdoc cref="Text"/>
    public IReadOnlyList<string>? Texts(string key) => Get<string[]>(key, "a list of texts");

    /// <summary>A list of whole numbers; null when there is no such key.</summary>
    /// <inheritdoc cref="Text"/>
    public IReadOnlyList<long>? Integers(string key) => Get<long[]>(key, "a list of whole numbers");

    /// <summary>A list of numbers; null when there is no such key.</summary>
    /// <inheritdoc cref="Text"/>
    public IReadOnlyList<double>? Numbers(string key) => Get<double[]>(key, "a list of numbers");

    private bool Has(string key) => _values.ContainsKey(key);

    private T? Get<T>(string key, string what)
        where T : class => !_values.TryGetValue(key, out var value) ? null : value as T ?? throw Wrong(key, what);

    private CheckpointFormatException Wrong(string key, string what) => new($"{_path}: {key} is not {what}.");

    private void Read(Cursor cursor)
    {
        if (!cursor.Bytes(4).SequenceEqual("GGUF"u8)) throw new CheckpointFormatException($"{_path} is not a GGUF file: it does not begin with GGUF.");
        var version = cursor.Number(4);
        if (version is not (2 or 3)) throw new CheckpointFormatException($"{_path} is GGUF of version {version}; versions 2 and 3 are read.");
        cursor.Number(8);
        var pairs = cursor.Number(8);
        if (pairs is < 0 or > MostPairs) throw new CheckpointFormatException($"{_path} announces {(ulong)pairs} pairs of metadata; {MostPairs} is the most that is read.");
        for (long pair = 0; pair < pairs; pair++)
        {
            var key = cursor.Text(LongestKey);
            var value = Value(cursor, cursor.Number(4), key, 0);
            if (!_values.TryAdd(key, value)) throw new CheckpointFormatException($"{_path} has the key {key} twice.");
        }
    }

    // The numbers of types are those of the format.
    private object Value(Cursor cursor, long type, string key, int depth) => type switch
    {
        0 => cursor.Number(1),
        1 => (long)(sbyte)cursor.Number(1),
        2 => cursor.Number(2),
        3 => (long)(short)cursor.Number(2),
        4 => cursor.Number(4),
        5 => (long)(int)cursor.Number(4),
        6 => (double)BitConverter.Int32BitsToSingle((int)cursor.Number(4)),
        7 => cursor.Number(1) != 0,
        8 => cursor.Text(int.MaxValue),
        9 => Array(cursor, key, depth),
        10 or 11 => cursor.Number(8),
        12 => BitConverter.Int64BitsToDouble(cursor.Number(8)),
        _ => throw new CheckpointFormatException($"{_path}: {key} has the type {type}, which GGUF does not know."),
    };

    private object Array(Cursor cursor, string key, int depth)
    {
        if (depth >= DeepestArray) throw new CheckpointFormatException($"{_path}: {key} has lists inside lists more than {DeepestArray} deep.");
        var type = cursor.Number(4);
        var count = cursor.Number(8);

        // An element has a byte at least, a text its length of eight.
        var least = type switch { 2 or 3 => 2, 4 or 5 or 6 => 4, 8 or 10 or 11 or 12 => 8, 9 => 12, _ => 1 };
        if (count < 0 || count > cursor.Left / least) throw new CheckpointFormatException($"{_path}: {key} announces a list of {(ulong)count} elements, more than the file has room for.");
        switch (type)
        {
            case 8:
                var texts = new string[count];
                for (var i = 0; i < texts.Length; i++) texts[i] = cursor.Text(int.MaxValue);
                return texts;
            case 6 or 12:
                var numbers = new double[count];
                for (var i = 0; i < numbers.Length; i++) numbers[i] = (double)Value(cursor, type, key, depth + 1);
                return numbers;
            case 7 or 9:
                var values = new object[count];
                for (var i = 0; i < values.Length; i++) values[i] = Value(cursor, type, key, depth + 1);
                return values;
            default:
                var integers = new long[count];
                for (var i = 0; i < integers.Length; i++) integers[i] = (long)Value(cursor, type, key, depth + 1);
                return integers;
        }
    }

    /// <summary>Reads from front to back and never beyond the end.</summary>
    private sealed class Cursor(Stream stream, string path)
    {
        private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        private readonly byte[] _number = new byte[8];
        private readonly long _length = stream.Length;
        private long _at;

        public long Left => _length - _at;

        public ReadOnlySpan<byte> Bytes(int count)
        {
            var bytes = count <= _number.Length ? _number.AsSpan(0, count) : new byte[count];
            if (count > Left || stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false) < count) throw new CheckpointFormatException($"{path} ends inside its metadata, at byte {_length}; it is cut short.");
            _at += count;
            return bytes;
        }

        public long Number(int size)
        {
            var bytes = Bytes(size);
            return size switch { 1 => bytes[0], 2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes), 4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes), _ => BinaryPrimitives.ReadInt64LittleEndian(bytes) };
        }

        public string Text(int most)
        {
            var start = _at;
            var length = Number(8);
            if (length < 0 || length > most || length > Left) throw new CheckpointFormatException($"{path}: the text at byte {start} announces {(ulong)length} bytes, more than there can be.");
            try
            {
                return s_strict.GetString(Bytes((int)length));
            }
            catch (DecoderFallbackException exception)
            {
                throw new CheckpointFormatException($"{path}: the text at byte {start} is not UTF-8.", exception);
            }
        }
    }
}
