using System.Buffers;
using System.Collections.Concurrent;

namespace Stemma.Text.Tokenizers.Engines;

/// <summary>The fast path of tokenizers that encode word by word: see <see cref="IWordRules"/>. Serves every thread.</summary>
internal abstract class WordEngine
{
    /// <summary>The engine for a pipeline; null when there is none and its parts must run one after another over the whole text.</summary>
    public static WordEngine? For(Pipeline pipeline)
    {
        // An added token that is looked for in normalised text needs that text.
        if (pipeline.Normalizer is not null && pipeline.AddedTokens.Any(token => token.IsNormalized)) return null;
        return ByteLevelRules.For(pipeline) ?? MetaspaceRules.For(pipeline) ?? BertRules.For(pipeline);
    }

    /// <summary>Appends the tokens of a text; how many they are. Without a destination they are counted only.</summary>
    public abstract int Encode(ReadOnlySpan<char> text, List<int>? destination);

    /// <summary>See <see cref="Tokenizer.CutPoint"/>.</summary>
    public abstract int CutPoint(ReadOnlySpan<char> text, int limit);
}

/// <summary>An engine of these rules.</summary>
/// <param name="prefix">When a space is put before a text.</param>
/// <param name="start">Makes the rules of a thread.</param>
internal sealed class WordEngine<TRules>(SpacePrefix prefix, Func<TRules> start) : WordEngine
    where TRules : struct, IWordRules
{
    private readonly ConcurrentBag<WordRunner<TRules>> runners = [];
    private readonly Lazy<TRules> rules = new(start);

    public override int Encode(ReadOnlySpan<char> text, List<int>? destination)
    {
        if (text.IsEmpty) return 0;
        if (!runners.TryTake(out var runner)) runner = new WordRunner<TRules>(start());
        var count = prefix == SpacePrefix.Always || (prefix == SpacePrefix.UnlessThere && text[0] != ' ') ? EncodePrefixed(runner, text, destination) : runner.Encode(text, destination);
        runners.Add(runner);
        return count;
    }

    public override int CutPoint(ReadOnlySpan<char> text, int limit) => prefix == SpacePrefix.Never ? rules.Value.CutPoint(text, limit) : 0;

    private static int EncodePrefixed(WordRunner<TRules> runner, ReadOnlySpan<char> text, List<int>? destination)
    {
        var buffer = ArrayPool<char>.Shared.Rent(text.Length + 1);
        buffer[0] = ' ';
        text.CopyTo(buffer.AsSpan(1));
        var count = runner.Encode(buffer.AsSpan(0, text.Length + 1), destination);
        ArrayPool<char>.Shared.Return(buffer);
        return count;
    }
}
