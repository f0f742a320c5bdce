using System.Buffers;
using System.Collections.Concurrent;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.Patterns;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// The fast path of byte-level BPE: a scanner divides the text, a cache answers for words it knows, bytes are merged for the others. Nothing is
/// rewritten, and nothing is allocated per word or token. Serves every thread.
/// </summary>
internal sealed class ByteLevelEngine(WordScanner scanner, bool addPrefixSpace, Func<BpeWordEncoder> start)
{
    private readonly ConcurrentBag<BpeWordEncoder> encoders = [];

    /// <summary>The engine for a pipeline that is byte-level BPE and nothing else; null for any other.</summary>
    public static ByteLevelEngine? For(Pipeline pipeline)
    {
        if (pipeline.Normalizer is not null || pipeline.Model is not BpeModel model || Scanner(pipeline.PreTokenizer) is not var (scanner, prefix)) return null;
        if (model.Options is { ByteFallback: true } || !string.IsNullOrEmpty(model.Options.ContinuingPrefix) || !string.IsNullOrEmpty(model.Options.EndSuffix)) return null;
        var byteIds = new int[256];
        for (var value = 0; value < 256; value++)
            if ((byteIds[value] = model.IdOf(ByteAlphabet.Spell([(byte)value])[0])) < 0) return null;
        return new ByteLevelEngine(scanner, prefix, () => new BpeWordEncoder(byteIds, model.Table, model.Options.IgnoreMerges ? model : null));
    }

    public int CutPoint(ReadOnlySpan<char> text, int limit) => addPrefixSpace ? 0 : scanner.CutPoint(text, limit);

    public void Encode(ReadOnlySpan<char> text, List<int> destination)
    {
        var encoder = Take();
        if (NeedsPrefix(text))
        {
            var buffer = Prefixed(text);
            EncodeWords(encoder, buffer.AsSpan(0, text.Length + 1), destination);
            ArrayPool<char>.Shared.Return(buffer);
        }
        else
        {
            EncodeWords(encoder, text, destination);
        }

        encoders.Add(encoder);
    }

    public int Count(ReadOnlySpan<char> text)
    {
        var encoder = Take();
        int count;
        if (NeedsPrefix(text))
        {
            var buffer = Prefixed(text);
            count = CountWords(encoder, buffer.AsSpan(0, text.Length + 1));
            ArrayPool<char>.Shared.Return(buffer);
        }
        else
        {
            count = CountWords(encoder, text);
        }

        encoders.Add(encoder);
        return count;
    }

    private static (WordScanner Scanner, bool AddPrefixSpace)? Scanner(PreTokenizer? preTokenizer) => preTokenizer switch
    {
        ByteLevelPreTokenizer { UseRegex: true } byteLevel => (Gpt2Scanner.Instance, byteLevel.AddPrefixSpace),
        SequencePreTokenizer
        {
            Parts: [SplitPreTokenizer { Pattern: RegexPattern { Scanner: { } scanner } } split, ByteLevelPreTokenizer { UseRegex: false, AddPrefixSpace: false }],
        } when split is { Behavior: SplitBehavior.Isolated } or { Behavior: SplitBehavior.Removed, Invert: true } => (scanner, false),
        _ => null,
    };

    private static char[] Prefixed(ReadOnlySpan<char> text)
    {
        var buffer = ArrayPool<char>.Shared.Rent(text.Length + 1);
        buffer[0] = ' ';
        text.CopyTo(buffer.AsSpan(1));
        return buffer;
    }

    private bool NeedsPrefix(ReadOnlySpan<char> text) => addPrefixSpace && !text.IsEmpty && text[0] != ' ';

    private BpeWordEncoder Take() => encoders.TryTake(out var encoder) ? encoder : start();

    private void EncodeWords(BpeWordEncoder encoder, ReadOnlySpan<char> text, List<int> destination)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = scanner.WordEnd(text, start);
            encoder.Encode(text[start..end], destination);
            start = end;
        }
    }

    private int CountWords(BpeWordEncoder encoder, ReadOnlySpan<char> text)
    {
        var count = 0;
        for (var start = 0; start < text.Length;)
        {
            var end = scanner.WordEnd(text, start);
            count += encoder.Count(text[start..end]);
            start = end;
        }

        return count;
    }
}
