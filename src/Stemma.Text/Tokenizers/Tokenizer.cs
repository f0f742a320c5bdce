using System.Buffers;
using System.Text;
using Stemma.Text.Tokenizers.Decoders;
using Stemma.Text.Tokenizers.Formats;

namespace Stemma.Text.Tokenizers;

/// <summary>
/// Text to token ids and back. Ids run from 0 to <see cref="VocabSize"/> − 1. Every method may be called from several threads
/// at once. Text is UTF-16; a lone surrogate is read as U+FFFD, as everywhere in .NET that writes UTF-8.
/// </summary>
public abstract class Tokenizer
{
    private readonly Vocabulary vocabulary;
    private readonly Lazy<string> hash;

    private protected Tokenizer(Vocabulary vocabulary, IReadOnlyList<AddedToken> addedTokens)
        : this(vocabulary, new AddedTokens(addedTokens))
    {
    }

    private protected Tokenizer(Vocabulary vocabulary, AddedTokens addedTokens)
    {
        this.vocabulary = vocabulary;
        Added = addedTokens;
        hash = new Lazy<string>(ComputeHash);
    }

    /// <summary>The spelling of the token that ends a document, where a tokenizer has one (GPT-2).</summary>
    public const string EndOfTextSpelling = "<|endoftext|>";

    /// <summary>The number of tokens, special ones included.</summary>
    public int VocabSize => vocabulary.Count;

    /// <summary>Control tokens, spelling → id. Their spelling inside a text is plain text unless a caller allows it.</summary>
    public IReadOnlyDictionary<string, int> SpecialTokens => Added.Special;

    /// <summary>The id of <c>&lt;|endoftext|&gt;</c>; null when the tokenizer has none.</summary>
    public virtual int? EndOfText => SpecialTokens.TryGetValue(EndOfTextSpelling, out var id) ? id : null;

    /// <summary>
    /// SHA-256, in lowercase hexadecimal, of everything that decides what this tokenizer does. Two tokenizers with the same
    /// hash encode alike; models and shards record it to prove which tokenizer they belong to.
    /// </summary>
    public string Hash => hash.Value;

    internal AddedTokens Added { get; }

    /// <summary>The tokens of a text.</summary>
    /// <param name="text">Any text; an empty one has no tokens.</param>
    /// <param name="allowSpecial">Whether spellings of special tokens in the text become those tokens. Leave false for text from outside.</param>
    /// <exception cref="TextFormatException">The tokenizer cannot express a character (a character tokenizer without byte fallback).</exception>
    public int[] Encode(string text, bool allowSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode(text.AsSpan(), allowSpecial);
    }

    /// <inheritdoc cref="Encode(string, bool)"/>
    public int[] Encode(ReadOnlySpan<char> text, bool allowSpecial = false)
    {
        List<int> ids = new(text.Length / 3 + 4);
        Encode(text, ids, allowSpecial);
        return [.. ids];
    }

    /// <summary>Appends the tokens of a text to <paramref name="destination"/>; allocates nothing per token.</summary>
    /// <inheritdoc cref="Encode(string, bool)"/>
    public void Encode(ReadOnlySpan<char> text, List<int> destination, bool allowSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Encode(text, 0, destination, allowSpecial);
    }

    /// <summary>As the public form, for a text that starts at <paramref name="offset"/> of a longer one: error messages count from there.</summary>
    internal virtual void Encode(ReadOnlySpan<char> text, int offset, List<int> destination, bool allowSpecial)
    {
        if (Added.NeverMatch(allowSpecial))
        {
            EncodePlain(text, offset, destination);
            return;
        }

        foreach (var segment in Added.Divide(text, allowSpecial))
            if (segment.Token is { } token) destination.Add(token.Id);
            else EncodePlain(text.Slice(segment.Start, segment.Length), offset + segment.Start, destination);
    }

    /// <summary>The tokens of a text, each with its piece and the characters and bytes it covers.</summary>
    /// <inheritdoc cref="Encode(string, bool)"/>
    public virtual IReadOnlyList<TokenSpan> EncodeWithOffsets(string text, bool allowSpecial = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<TokenSpan> spans = [];
        var map = new OffsetMap(text);
        foreach (var segment in Added.Divide(text, allowSpecial))
        {
            var byteStart = map.ByteOf(segment.Start);
            IEnumerable<(int Id, int ByteStart, int ByteEnd)> found = segment.Token is { } token
                ? [(token.Id, 0, map.ByteOf(segment.Start + segment.Length) - byteStart)]
                : PlainSpans(text.Substring(segment.Start, segment.Length));
            foreach (var (id, first, last) in found)
            {
                var (charStart, charEnd) = map.CharsOf(byteStart + first, byteStart + last);
                spans.Add(new TokenSpan(id, Piece(id), charStart, charEnd, byteStart + first, byteStart + last));
            }
        }

        return spans;
    }

    /// <summary>How many tokens a text has; keeps none of them.</summary>
    /// <inheritdoc cref="Encode(string, bool)"/>
    public int CountTokens(ReadOnlySpan<char> text, bool allowSpecial = false)
    {
        if (!CountsBySegment)
        {
            List<int> ids = new(text.Length / 3 + 4);
            Encode(text, ids, allowSpecial);
            return ids.Count;
        }

        if (Added.NeverMatch(allowSpecial)) return CountPlain(text, 0);
        var count = 0;
        foreach (var segment in Added.Divide(text, allowSpecial))
            count += segment.Token is null ? CountPlain(text.Slice(segment.Start, segment.Length), segment.Start) : 1;
        return count;
    }

    /// <summary>The tokens of many texts, encoded on several threads; allocates nothing per token but the result.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="allowSpecial">Whether spellings of special tokens in the texts become those tokens.</param>
    /// <param name="threadCount">How many threads at most; 0 for all of the machine's. The result does not depend on it.</param>
    /// <exception cref="TextFormatException">The tokenizer cannot express a character.</exception>
    public int[][] EncodeBatch(IReadOnlyList<string> texts, bool allowSpecial = false, int threadCount = 0)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfNegative(threadCount);
        var encoded = new int[texts.Count][];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threadCount == 0 ? Environment.ProcessorCount : threadCount };
        try
        {
            Parallel.For(0, texts.Count, options, () => new List<int>(), (index, _, ids) =>
            {
                ids.Clear();
                Encode(texts[index], ids, allowSpecial);
                encoded[index] = [.. ids];
                return ids;
            }, _ => { });
        }
        catch (AggregateException exception) when (exception.InnerExceptions.OfType<TextFormatException>().FirstOrDefault() is { } first)
        {
            throw first;
        }

        return encoded;
    }

    /// <summary>The text of some tokens; bytes that are not UTF-8 become U+FFFD. Special tokens appear as they are spelled.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    public virtual string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new ArrayBufferWriter<byte>(ids.Length * 4 + 1);
        foreach (var id in ids) bytes.Write(Bytes(id));
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>The UTF-8 bytes token <paramref name="id"/> stands for; they may be a part of a character.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public ReadOnlySpan<byte> Bytes(int id) => vocabulary[id];

    /// <summary>The token as the vocabulary file spells it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public abstract string Piece(int id);

    /// <summary>
    /// A place to cut a long text: the last position 0 &lt; p ≤ <paramref name="limit"/> such that encoding the two parts and
    /// joining gives the encoding of the whole; 0 when none is known. It lets one long text be encoded by several threads.
    /// </summary>
    public virtual int CutPoint(ReadOnlySpan<char> text, int limit) => 0;

    /// <summary>What the file of its format is called in a folder.</summary>
    internal virtual string FileName => TokenizerJson.FileName;

    /// <summary>Writes <c>tokenizer.json</c> in the format of Hugging Face's <c>tokenizers</c>, whole or not at all.</summary>
    /// <param name="path">A file, or an existing folder to hold <c>tokenizer.json</c>.</param>
    public virtual void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = new AtomicFile(Directory.Exists(path) ? Path.Combine(path, TokenizerJson.FileName) : path);
        TokenizerJsonWriter.Write(this, file.Stream);
        file.Commit();
    }

    /// <summary>
    /// Reads a tokenizer: <c>tokenizer.json</c> (Stemma's own or Hugging Face's, also packed, <c>.gz</c>), GPT-2's <c>vocab.json</c> with <c>merges.txt</c>
    /// beside it, OpenAI's <c>.tiktoken</c> named after its encoding, BERT's <c>vocab.txt</c>, a SentencePiece <c>.model</c>.
    /// </summary>
    /// <param name="path">The file, or a folder that holds one.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">The file is damaged, or uses a component that is not supported; the message names it.</exception>
    public static Tokenizer Load(string path) => TokenizerFile.Load(path);

    /// <summary>Appends the tokens of text that holds no added token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="offset">Where it starts in what the caller gave, in UTF-16 code units, for error messages.</param>
    /// <param name="destination">Where the ids go.</param>
    private protected abstract void EncodePlain(ReadOnlySpan<char> text, int offset, List<int> destination);

    /// <summary>Whether <see cref="CountPlain"/> is right for each segment between added tokens by itself.</summary>
    private protected virtual bool CountsBySegment => false;

    /// <summary>How many tokens text has that holds no added token.</summary>
    private protected virtual int CountPlain(ReadOnlySpan<char> text, int offset)
    {
        List<int> ids = new(text.Length / 3 + 4);
        EncodePlain(text, offset, ids);
        return ids.Count;
    }

    /// <summary>Begins to decode pieces; null when tokens stand for bytes that only have to be joined.</summary>
    internal virtual DecoderStage? StartDecoder() => null;

    /// <summary>The tokens of text that holds no added token, each with the UTF-8 bytes of the text that it covers.</summary>
    private protected virtual IEnumerable<(int Id, int ByteStart, int ByteEnd)> PlainSpans(string segment)
    {
        List<int> ids = [];
        EncodePlain(segment, 0, ids);
        var position = -PrefixLength(segment);
        foreach (var id in ids)
        {
            var end = position + Bytes(id).Length;
            yield return (id, Math.Max(position, 0), Math.Max(end, 0));
            position = end;
        }
    }

    /// <summary>How many bytes the tokenizer puts in front of a segment before it encodes it.</summary>
    private protected virtual int PrefixLength(ReadOnlySpan<char> segment) => 0;

    /// <summary>Adds what decides the behaviour beyond tokens and added tokens.</summary>
    private protected abstract void AddTo(TokenizerHash hash);

    private string ComputeHash()
    {
        using var sha = new TokenizerHash();
        sha.Add(VocabSize);
        for (var id = 0; id < VocabSize; id++) sha.Add(Bytes(id));
        sha.Add(Added.All.Count);
        foreach (var token in Added.All.OrderBy(token => token.Id))
        {
            sha.Add(token.Id);
            sha.Add(token.Content);
            sha.Add((token.IsSpecial ? 1 : 0) | (token.IsNormalized ? 2 : 0) | (token.IsSingleWord ? 4 : 0) | (token.StripsLeft ? 8 : 0) | (token.StripsRight ? 16 : 0));
        }

        AddTo(sha);
        return sha.ToHex();
    }
}
