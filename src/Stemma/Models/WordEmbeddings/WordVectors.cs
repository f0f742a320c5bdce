using System.Numerics;
using System.Runtime.InteropServices;

namespace Stemma.Models.WordEmbeddings;

/// <summary>Words and a vector for each.</summary>
public sealed class WordVectors
{
    /// <summary>The most numbers that the vectors may hold together.</summary>
    public const int MostNumbers = 0x7FFFFFC7 / 2;

    private readonly string[] _words;
    private readonly float[] _values;
    private readonly Dictionary<string, int> _ids;
    private readonly Lazy<Dictionary<string, int>> _anyCase;
    private readonly Lazy<float[]> _units;

    /// <summary>Words and their vectors.</summary>
    /// <param name="words">All different; the most frequent first where that is known.</param>
    /// <param name="size">Numbers of a vector.</param>
    /// <param name="values">The vectors, one after the other: [words, size].</param>
    /// <exception cref="ArgumentException">Other numbers of words and vectors, or a word that comes twice.</exception>
    public WordVectors(IReadOnlyList<string> words, int size, float[] values)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (values.Length != (long)words.Count * size) throw new ArgumentException($"{words.Count} words of {size} numbers need {(long)words.Count * size}; there are {values.Length}.", nameof(values));
        (_words, _values, Size) = ([.. words], values, size);
        _ids = new(_words.Length, StringComparer.Ordinal);
        for (var i = 0; i < _words.Length; i++)
            if (!_ids.TryAdd(_words[i], i)) throw new ArgumentException($"The word \"{_words[i]}\" comes twice.", nameof(words));
        _units = new(Normalise);
        _anyCase = new(() =>
        {
            var ids = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
            for (var i = 0; i < _words.Length; i++) ids.TryAdd(_words[i], i);
            return ids;
        });
    }

    /// <summary>The words; a word's place is its id.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>How many words there are.</summary>
    public int Count => _words.Length;

    /// <summary>Numbers of a vector.</summary>
    public int Size { get; }

    /// <summary>All vectors: [words, size].</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>All vectors at length 1, a vector of zeros as it is: [words, size].</summary>
    public ReadOnlySpan<float> Units => _units.Value;

    /// <summary>A word's vector.</summary>
    public ReadOnlySpan<float> this[int id] => _values.AsSpan(id * Size, Size);

    /// <summary>A word's vector at length 1.</summary>
    public ReadOnlySpan<float> Unit(int id) => _units.Value.AsSpan(id * Size, Size);

    /// <summary>A word's id; −1 for a word that is not here.</summary>
    public int Find(string word) => _ids.GetValueOrDefault(word, -1);

    /// <summary>The id of a word however it is written, its own writing first; then the first of the others, which is the most frequent.</summary>
    public int FindAnyCase(string word) => _ids.TryGetValue(word, out var id) || _anyCase.Value.TryGetValue(word, out id) ? id : -1;

    /// <summary>The cosine of the angle between two words' vectors: −1 … 1.</summary>
    public double Similarity(int first, int second) => Dot(Unit(first), Unit(second));

    /// <summary>The first words only.</summary>
    public WordVectors Take(int count) => count >= Count ? this : new(_words[..count], Size, _values[..(count * Size)]);

    internal static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var left = MemoryMarshal.Cast<float, Vector<float>>(a);
        var right = MemoryMarshal.Cast<float, Vector<float>>(b);
        var sums = Vector<float>.Zero;
        for (var i = 0; i < left.Length; i++) sums += left[i] * right[i];
        var sum = Vector.Sum(sums);
        for (var i = left.Length * Vector<float>.Count; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private float[] Normalise()
    {
        var units = (float[])_values.Clone();
        for (var id = 0; id < Count; id++)
        {
            var unit = units.AsSpan(id * Size, Size);
            var squares = 0.0;
            foreach (var x in unit) squares += (double)x * x;
            if (squares == 0) continue;
            var scale = 1 / Math.Sqrt(squares);
            for (var i = 0; i < unit.Length; i++) unit[i] = (float)(unit[i] * scale);
        }
        return units;
    }
}
