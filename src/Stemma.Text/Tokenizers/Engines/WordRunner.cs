using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Stemma.Text.Tokenizers.Models;

namespace Stemma.Text.Tokenizers.Engines;

/// <summary>Encodes text word by word and remembers the words. Nothing is allocated per word or token. Serves one thread at a time.</summary>
/// <param name="rules">What a word is, and its tokens.</param>
internal sealed class WordRunner<TRules>(TRules rules)
    where TRules : struct, IWordRules
{
    private readonly ShortWordCache shortWords = new();
    private readonly WordCache words = new();

    /// <summary>Appends the tokens of a text; how many they are. Without a destination they are counted only.</summary>
    public int Encode(ReadOnlySpan<char> text, List<int>? destination)
    {
        // Ids are gathered and handed over many at a time.
        const int Room = 512;
        Span<int> ids = stackalloc int[Room];
        var (count, total) = (0, 0);
        for (var start = 0; start < text.Length;)
        {
            var characters = AsciiWords.Load(text, start);
            var beyond = characters.ExtractMostSignificantBits();
            var length = rules.Length(characters, beyond);
            if (length == 0) length = rules.WordEnd(text, start) - start;
            var word = text.Slice(start, length);
            start += length;
            var isShort = length <= ShortWordCache.LongestWord && (beyond & ((1u << length) - 1)) == 0;
            if (!isShort || count > Room - ShortWordCache.MostIds)
            {
                destination?.AddRange(ids[..count]);
                total += count;
                count = 0;
            }

            if (!isShort)
            {
                total += EncodeLong(word, destination);
                continue;
            }

            var key = ShortWordCache.Key(characters, length);
            var known = shortWords.TryGet(key, ref MemoryMarshal.GetReference(ids[count..]));
            count += known >= 0 ? known : EncodeNew(key, word, ids[count..]);
        }

        destination?.AddRange(ids[..count]);
        return total + count;
    }

    private int EncodeNew(Vector128<byte> key, ReadOnlySpan<char> word, Span<int> ids)
    {
        var encoded = rules.Encode(word);
        encoded.CopyTo(ids);
        shortWords.Add(key, encoded);
        return encoded.Length;
    }

    private int EncodeLong(ReadOnlySpan<char> word, List<int>? destination)
    {
        var hash = word.Length <= WordCache.LongestWord ? WordCache.Hash(word) : 0;
        if (hash != 0 && words.Append(word, hash, destination) is var known and >= 0) return known;
        var encoded = rules.Encode(word);
        destination?.AddRange(encoded);
        if (hash != 0) words.Add(word, hash, encoded);
        return encoded.Length;
    }
}
