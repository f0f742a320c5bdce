using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Stemma.Text.Tokenizers.Words;

/// <summary>
/// One token per word, as white space separates them; a word outside the vocabulary is <c>&lt;unk&gt;</c>, and the end of a line is
/// <c>&lt;/s&gt;</c>. Words are case-sensitive and nothing is split off them: the text is expected to be tokenized, as the Penn Treebank is.
/// </summary>
/// <remarks>
/// <para>White space is that of ASCII: tab, line feed, vertical tab, form feed, carriage return, space. A word that is spelled like
/// <c>&lt;s&gt;</c> or <c>&lt;/s&gt;</c> is an unknown word; one spelled <c>&lt;unk&gt;</c> is that token, as texts with replaced rare words have it.</para>
/// <para>A word's bytes are a space and the word, so that decoded text reads well; the end of a line is a line feed.</para>
/// <para><c>tokenizer.json</c> holds it as a WordLevel model that splits at white space, after a line feed is replaced by <c>&lt;/s&gt;</c>.</para>
/// </remarks>
public sealed class WordTokenizer : Tokenizer
{
    /// <summary>The id of <c>&lt;unk&gt;</c>.</summary>
    public const int UnknownId = 0;

    /// <summary>The id of <c>&lt;s&gt;</c>, which no text has: the start of a line.</summary>
    public const int BeginId = 1;

    /// <summary>The id of <c>&lt;/s&gt;</c>: the end of a line.</summary>
    public const int EndId = 2;

    internal static readonly string[] SpecialSpellings = ["<unk>", "<s>", "</s>"];

    private const int WordsAtOnce = 16;

    private readonly WordTable words;

    internal WordTokenizer(WordTable words)
        : base(TokenBytes(words), [.. SpecialSpellings.Select((content, id) => new AddedToken(id, content, IsSpecial: true))]) => this.words = words;

    /// <summary>The end of a line.</summary>
    public override int? EndOfText => EndId;

    /// <summary>A tokenizer of these words, which get the ids from 3 on.</summary>
    /// <exception cref="TextFormatException">A word is empty, holds white space, is there twice, or is spelled like a special token.</exception>
    public static WordTokenizer Create(IEnumerable<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var table = NewTable();
        foreach (var word in words)
        {
            if (word.Length == 0 || word.AsSpan().ContainsAny(WordSplitter.WhiteSpace)) throw new TextFormatException($"\"{word}\" is not a word: it is empty or holds white space.");
            var id = table.Count;
            if (table.FindOrAdd(word) != id) throw new TextFormatException($"The word \"{word}\" is there twice, or is spelled like a special token.");
        }
        return new WordTokenizer(table);
    }

    /// <inheritdoc/>
    public override string Piece(int id)
    {
        _ = Bytes(id);
        return new string(words[id]);
    }

    /// <summary>The id of a word, special tokens included as they are spelled; -1 where there is none.</summary>
    public int IdOf(ReadOnlySpan<char> word) => words.Find(word);

    internal static WordTable NewTable()
    {
        var table = new WordTable();
        foreach (var spelling in SpecialSpellings) table.FindOrAdd(spelling);
        return table;
    }

    // Some words are hashed before the first of them is looked up, so that memory is asked for all of them at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    private protected override void EncodePlain(ReadOnlySpan<char> text, int offset, List<int> destination)
    {
        Span<(int Start, int Length, uint Hash)> waiting = stackalloc (int, int, uint)[WordsAtOnce];
        var splitter = new WordSplitter(text);
        for (var more = true; more;)
        {
            var count = 0;
            while (count < waiting.Length && (more = splitter.Next(out var word)))
            {
                var start = splitter.Position - word.Length;
                var hash = WordTable.Hash(text, start, word.Length);
                words.Prefetch(hash);
                waiting[count++] = (start, word.Length, hash);
            }
            var from = destination.Count;
            CollectionsMarshal.SetCount(destination, from + count);
            var ids = CollectionsMarshal.AsSpan(destination)[from..];
            for (var i = 0; i < ids.Length; i++) words.PrefetchLetters(waiting[i].Hash);
            for (var i = 0; i < ids.Length; i++)
            {
                var (start, length, hash) = waiting[i];
                ids[i] = length == 0 ? EndId : words.Find(text.Slice(start, length), hash) is var id && id is BeginId or EndId or < 0 ? UnknownId : id;
            }
        }
    }

    private protected override void AddTo(TokenizerHash hash) => hash.Add("words");

    private static Vocabulary TokenBytes(WordTable words)
    {
        var (bytes, ends) = (new ArrayBufferWriter<byte>(8 * words.Count), new int[words.Count]);
        for (var id = 0; id < ends.Length; id++)
        {
            bytes.Write(id == EndId ? "\n"u8 : " "u8);
            if (id != EndId) Encoding.UTF8.GetBytes(words[id], bytes);
            ends[id] = bytes.WrittenCount;
        }
        return new(bytes.WrittenSpan.ToArray(), ends);
    }
}
