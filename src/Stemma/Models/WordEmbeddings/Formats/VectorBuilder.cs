namespace Stemma.Models.WordEmbeddings.Formats;

/// <summary>Collects the words of a file and refuses those that cannot be.</summary>
internal sealed class VectorBuilder(VectorStream reader, int size, int count)
{
    private readonly List<string> _words = new(count);
    private readonly Dictionary<string, string> _places = new(count, StringComparer.Ordinal);
    private float[] _values = new float[(long)count * size];

    public int Size => size;

    public int Count => _words.Count;

    public void Add(string word, ReadOnlySpan<float> vector, string place)
    {
        if (word.Length == 0) throw reader.Broken($"has no word before the numbers of {place}");
        if (!_places.TryAdd(word, place)) throw reader.Broken($"holds \"{word}\" twice: {_places[word]} and {place}");
        foreach (var value in vector)
            if (!float.IsFinite(value)) throw reader.Broken($"holds a number that is not finite, in the vector of \"{word}\" ({place})");
        var start = (long)_words.Count * size;
        if (start + size > WordVectors.MostNumbers) throw reader.Broken($"holds more than {WordVectors.MostNumbers:N0} numbers");
        if (start + size > _values.Length) Array.Resize(ref _values, (int)Math.Min(WordVectors.MostNumbers, Math.Max(start + size, _values.Length * 2L)));
        vector.CopyTo(_values.AsSpan((int)start));
        _words.Add(word);
    }

    public WordVectors Build() => new(_words, size, _words.Count * size == _values.Length ? _values : _values[..(_words.Count * size)]);
}
