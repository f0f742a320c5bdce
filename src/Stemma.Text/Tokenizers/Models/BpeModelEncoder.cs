using System.Text;
using Stemma.Text.Tokenizers.Bpe;

namespace Stemma.Text.Tokenizers.Models;

/// <summary>Encodes words for a <see cref="BpeModel"/>: characters to ids, then merges, the lowest rank first and the leftmost of equals first.</summary>
internal sealed class BpeModelEncoder(BpeModel model) : WordEncoder
{
    private readonly WordMerger merger = new(model.Table);
    private readonly WordCache? cache = model.SplitsBeforeMetaspace ? new WordCache() : null;
    private int[] symbols = new int[64];
    private int[] lengths = new int[64];
    private int count;

    public override void Encode(ReadOnlySpan<char> word, List<int> ids, List<int>? byteLengths)
    {
        if (!model.SplitsBeforeMetaspace)
        {
            EncodePart(word, ids, byteLengths);
            return;
        }

        for (var start = 0; start < word.Length;)
        {
            var end = PartEnd(word, start);
            EncodeCached(word[start..end], ids, byteLengths);
            start = end;
        }
    }

    public override void Sample(ReadOnlySpan<char> word, ref SplitMix random, List<int> ids, List<int>? byteLengths)
    {
        if (model.Options.Dropout is not (> 0 and var dropout))
        {
            Encode(word, ids, byteLengths);
            return;
        }

        for (var start = 0; start < word.Length;)
        {
            var end = model.SplitsBeforeMetaspace ? PartEnd(word, start) : word.Length;
            Spell(word[start..end]);
            MergeSampled(ref random, dropout);
            Append(ids, byteLengths);
            start = end;
        }
    }

    private static int PartEnd(ReadOnlySpan<char> word, int start)
    {
        var end = start;
        while (end < word.Length && word[end] == BpeModel.Metaspace) end++;
        var length = word[end..].IndexOf(BpeModel.Metaspace);
        return length < 0 ? word.Length : end + length;
    }

    private void EncodeCached(ReadOnlySpan<char> word, List<int> ids, List<int>? byteLengths)
    {
        if (byteLengths is not null || word.Length > WordCache.LongestWord)
        {
            EncodePart(word, ids, byteLengths);
            return;
        }

        var hash = WordCache.Hash(word);
        if (cache!.Append(word, hash, ids) >= 0) return;
        EncodePart(word, ids, null);
        cache.Add(word, hash, symbols.AsSpan(0, count));
    }

    /// <summary>Appends the tokens of a word that need not be divided further.</summary>
    public void EncodePart(ReadOnlySpan<char> word, List<int> ids, List<int>? byteLengths)
    {
        if (model.Options.IgnoreMerges && model.TryGetId(word, out var whole))
        {
            ids.Add(whole);
            byteLengths?.Add(Encoding.UTF8.GetByteCount(word));
            return;
        }

        Spell(word);
        count = merger.Merge(symbols.AsSpan(0, count), lengths.AsSpan(0, count));
        Append(ids, byteLengths);
    }

    private void Append(List<int> ids, List<int>? byteLengths)
    {
        ids.AddRange(symbols.AsSpan(0, count));
        byteLengths?.AddRange(lengths.AsSpan(0, count));
    }

    private void Spell(ReadOnlySpan<char> word)
    {
        count = 0;
        if (symbols.Length < word.Length * 3) (symbols, lengths) = (new int[word.Length * 4], new int[word.Length * 4]);
        var unknown = 0;
        var isPlain = string.IsNullOrEmpty(model.Options.ContinuingPrefix) && string.IsNullOrEmpty(model.Options.EndSuffix);
        Span<byte> utf8 = stackalloc byte[4];
        for (var at = 0; at < word.Length;)
        {
            Rune.DecodeFromUtf16(word[at..], out var rune, out var length);
            var bytes = rune.Utf8SequenceLength;
            var id = isPlain && length == 1 ? model.IdOf(word[at]) : IdOf(word, at, length, isPlain);
            at += length;
            if (id >= 0)
            {
                Flush(ref unknown);
                Add(id, bytes);
                continue;
            }

            if (model.ByteIds is { } byteIds)
            {
                var encoded = utf8[..rune.EncodeToUtf8(utf8)];
                var known = true;
                foreach (var value in encoded) known &= byteIds[value] >= 0;
                if (known)
                {
                    foreach (var value in encoded) Add(byteIds[value], 1);
                    continue;
                }
            }

            if (!model.Options.FuseUnknown) Flush(ref unknown);
            unknown += bytes;
        }

        Flush(ref unknown);
    }

    private int IdOf(ReadOnlySpan<char> word, int at, int length, bool isPlain)
    {
        if (isPlain) return model.TryGetId(word.Slice(at, length), out var known) ? known : -1;
        var spelling = string.Concat(at == 0 ? "" : model.Options.ContinuingPrefix, word.Slice(at, length), at + length < word.Length ? "" : model.Options.EndSuffix);
        return model.TryGetId(spelling, out var id) ? id : -1;
    }

    private void Flush(ref int unknown)
    {
        if (unknown > 0 && model.UnknownId >= 0) Add(model.UnknownId, unknown);
        unknown = 0;
    }

    private void Add(int id, int length)
    {
        symbols[count] = id;
        lengths[count++] = length;
    }

    private void MergeSampled(ref SplitMix random, double dropout)
    {
        while (count > 1)
        {
            var (best, at) = (MergeTable.NoRank, 0);
            for (var i = 0; i < count - 1; i++)
            {
                var rank = model.Table.Rank(symbols[i], symbols[i + 1], out _);
                if (rank < best && random.NextDouble() >= dropout) (best, at) = (rank, i);
            }

            if (best == MergeTable.NoRank) return;
            model.Table.Rank(symbols[at], symbols[at + 1], out symbols[at]);
            lengths[at] += lengths[at + 1];
            count--;
            Array.Copy(symbols, at + 2, symbols, at + 1, count - at - 1);
            Array.Copy(lengths, at + 2, lengths, at + 1, count - at - 1);
        }
    }
}
