using System.Globalization;
using System.Text.Json;
using Stemma.Text.Tokenizers.Bpe;

namespace Stemma.Text.Tokenizers.Models;

/// <summary>What a <see cref="BpeModel"/> does beyond merging, named as in <c>tokenizer.json</c>.</summary>
/// <param name="Unknown">The token for characters that are none; null when they are dropped. In the vocabulary.</param>
/// <param name="FuseUnknown">Whether adjacent unknown characters are one token.</param>
/// <param name="ByteFallback">Whether an unknown character becomes its UTF-8 bytes, where all of those are tokens.</param>
/// <param name="IgnoreMerges">Whether a word that is a token is that token, whatever the merges say.</param>
/// <param name="ContinuingPrefix">What the spelling of a character that does not begin a word begins with.</param>
/// <param name="EndSuffix">What the spelling of a word's last character ends with.</param>
/// <param name="Dropout">The probability that sampling leaves a merge out (Provilkov et al. 2020, arXiv:1910.13267), 0 ≤ p ≤ 1; null for none.</param>
public sealed record BpeModelOptions(
    string? Unknown = null, bool FuseUnknown = false, bool ByteFallback = false, bool IgnoreMerges = false, string? ContinuingPrefix = null, string? EndSuffix = null, double? Dropout = null);

/// <summary>
/// Byte pair encoding over characters (Sennrich et al. 2016, arXiv:1508.07909): those of a byte alphabet (GPT-2, Llama 3) or those of the text,
/// with bytes for unknown ones (SentencePiece's BPE, Llama 2).
/// </summary>
/// <remarks>Encoding is deterministic; dropout takes part when a segmentation is sampled, and there alone. (Hugging Face's library always applies it.)</remarks>
public sealed class BpeModel : VocabularyModel
{
    internal const char Metaspace = '▁';
    private readonly int[] basicIds;

    /// <summary>A model of these tokens and merges.</summary>
    /// <param name="pieces">The tokens by id; null where an id is an added token's.</param>
    /// <param name="merges">The merges, first learned first; each pair once.</param>
    /// <param name="options">What it does beyond merging.</param>
    /// <exception cref="ArgumentException">The vocabulary has no unknown token, or a merge is there twice.</exception>
    public BpeModel(IReadOnlyList<string?> pieces, IReadOnlyList<BpeMerge> merges, BpeModelOptions options)
        : base(pieces)
    {
        (Merges, Options) = (merges, options);
        Table = new MergeTable(merges);
        if (options.Unknown is { } unknown)
            UnknownId = Vocabulary.TryGetId(unknown, out var id) ? id : throw new ArgumentException($"has no token \"{unknown}\", which unknown characters become.", nameof(options));
        if (options.ByteFallback) ByteIds = Vocabulary.ByteIds();
        basicIds = new int[1 + Enumerable.Range(0, Vocabulary.Count).Max(id => Vocabulary[id] is { Length: 1 } piece ? piece[0] : -1)];
        Array.Fill(basicIds, -1);
        for (var id = 0; id < Vocabulary.Count; id++)
            if (Vocabulary[id] is { Length: 1 } piece) basicIds[piece[0]] = id;
        SplitsBeforeMetaspace = !options.IgnoreMerges && string.IsNullOrEmpty(options.ContinuingPrefix) && string.IsNullOrEmpty(options.EndSuffix)
            && Vocabulary.TryGetId([Metaspace], out _) && !merges.Any(merge => Vocabulary[merge.Right]![0] == Metaspace && Vocabulary[merge.Left]![^1] != Metaspace);
    }

    /// <summary>The merges, first learned first.</summary>
    public IReadOnlyList<BpeMerge> Merges { get; }

    /// <summary>What it does beyond merging.</summary>
    public BpeModelOptions Options { get; }

    internal MergeTable Table { get; }

    internal int UnknownId { get; } = -1;

    internal int[]? ByteIds { get; }

    /// <summary>Whether no merge joins a ▁ to something else before it, so that a word may be divided there: what keeps long texts fast.</summary>
    internal bool SplitsBeforeMetaspace { get; }

    /// <summary>The id of a character of the basic plane; −1 when it is no token.</summary>
    internal int IdOf(char character) => character < basicIds.Length ? basicIds[character] : -1;

    internal override WordEncoder StartEncoder() => new BpeModelEncoder(this);

    internal override void AddTo(TokenizerHash hash)
    {
        hash.Add("BPE");
        hash.Add(Options.Unknown ?? "");
        hash.Add((Options.FuseUnknown ? 1 : 0) | (Options.ByteFallback ? 2 : 0) | (Options.IgnoreMerges ? 4 : 0) | (Options.Unknown is null ? 8 : 0));
        hash.Add(Options.ContinuingPrefix ?? "");
        hash.Add(Options.EndSuffix ?? "");
        hash.Add(Options.Dropout?.ToString("R", CultureInfo.InvariantCulture) ?? "");
        hash.Add(Merges.Count);
        foreach (var merge in Merges)
        {
            hash.Add(merge.Left);
            hash.Add(merge.Right);
            hash.Add(merge.Result);
        }
    }

    internal override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "BPE");
        if (Options.Dropout is { } dropout) json.WriteNumber("dropout", dropout);
        else json.WriteNull("dropout");
        json.WriteString("unk_token", Options.Unknown);
        json.WriteString("continuing_subword_prefix", Options.ContinuingPrefix);
        json.WriteString("end_of_word_suffix", Options.EndSuffix);
        json.WriteBoolean("fuse_unk", Options.FuseUnknown);
        json.WriteBoolean("byte_fallback", Options.ByteFallback);
        json.WriteBoolean("ignore_merges", Options.IgnoreMerges);
        WriteVocabulary(json);

        // A piece may hold a space here, so merges are pairs, not "a b".
        json.WriteStartArray("merges");
        foreach (var merge in Merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(Vocabulary[merge.Left]);
            json.WriteStringValue(Vocabulary[merge.Right]);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }
}
