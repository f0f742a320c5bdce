using System.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers.Training;

namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>What the trainers of SentencePiece models share.</summary>
public sealed record SentencePieceOptions
{
    /// <summary>Control tokens after <c>&lt;unk&gt;</c>, by default the begin and the end of a text.</summary>
    public IReadOnlyList<string> ControlTokens { get; init; } = ["<s>", "</s>"];

    /// <summary>Texts that are always one token.</summary>
    public IReadOnlyList<string> UserDefinedTokens { get; init; } = [];

    /// <summary>Whether what no piece covers is spelled in bytes, so that every text decodes to itself; only U+2581 (▁), the format's sign of a space, reads back as one.</summary>
    public bool ByteFallback { get; init; } = true;

    /// <summary>The share of the text's characters that become tokens, most frequent first, 0 &lt; share ≤ 1.</summary>
    public double CharacterCoverage { get; init; } = 0.9995;

    /// <summary>How many threads work; at least 1.</summary>
    public int ThreadCount { get; init; } = Environment.ProcessorCount;

    /// <summary>Bytes that training may take, about; beyond it word counts go to disk, and the rarest words are left out at the end.</summary>
    public long Memory { get; init; } = 2L << 30;

    internal List<SentencePieceEntry> MetaPieces() =>
    [
        new("<unk>", 0, PieceType.Unknown), .. ControlTokens.Select(token => new SentencePieceEntry(token, 0, PieceType.Control)),
        .. UserDefinedTokens.Select(token => new SentencePieceEntry(token, 0, PieceType.UserDefined)),
        .. ByteFallback ? Enumerable.Range(0, 256).Select(value => new SentencePieceEntry($"<0x{value:X2}>", 0, PieceType.Byte)) : [],
    ];

    internal SentencePieceModel Model(IReadOnlyList<SentencePieceEntry> pieces, bool isBpe) => new() { Pieces = pieces, IsBpe = isBpe, ByteFallback = ByteFallback, RemoveExtraWhitespaces = false };

    /// <summary>The words of the texts, and the characters that become tokens.</summary>
    internal (WordCounts Counts, Dictionary<Rune, long> Characters) Count(IEnumerable<TextStretch> texts, int vocabSize, TrainerCost cost, ProgressReport report, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ThreadCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Memory, 1 << 20);
        if (!(CharacterCoverage is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(texts), CharacterCoverage, "The character coverage must be above 0 and at most 1.");
        var counts = new WordCounter<ScriptWords>(ThreadCount, Memory, cost, report.Counted, cancellation).Count(texts);
        Dictionary<Rune, long> all = [];
        for (var word = 0; word < counts.Words.Length; word++)
            foreach (var rune in counts.Words[word].EnumerateRunes()) all[rune] = all.GetValueOrDefault(rune) + counts.Counts[word];
        if (all.Count == 0) throw new TextFormatException("The text to train the tokenizer on is empty.");
        // ▁ in a text would read back as a space.
        all.Remove(new Rune('▁'));
        var (total, covered) = ((double)all.Values.Sum(), 0L);
        Dictionary<Rune, long> characters = [];
        foreach (var (rune, count) in all.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key))
        {
            if (covered >= CharacterCoverage * total && characters.Count > 0) break;
            characters.Add(rune, count);
            covered += count;
        }

        var least = MetaPieces().Count + characters.Count;
        if (vocabSize < least) throw new TextFormatException($"A vocabulary of {vocabSize} has no room for the {characters.Count} characters of the text and {least - characters.Count} special tokens and bytes; it needs at least {least}, or a smaller character coverage.");
        return (counts, characters);
    }
}
