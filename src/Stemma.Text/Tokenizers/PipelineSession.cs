using System.Runtime.InteropServices;
using Stemma.Text.Tokenizers.Models;
using Stemma.Text.Tokenizers.Normalizers;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers;

/// <summary>The scratch memory of one thread that encodes with a <see cref="Pipeline"/>, and the words it has seen.</summary>
internal sealed class PipelineSession(Pipeline pipeline)
{
    private readonly WordEncoder encoder = pipeline.Model.StartEncoder();
    private readonly WordCache? cache = pipeline.Model.IsCacheable ? new WordCache() : null;
    private readonly List<int> lengths = [];

    /// <summary>The text of a segment, normalised.</summary>
    public NormalizedText Normalized { get; } = new();

    /// <summary>The words of a stretch without added tokens.</summary>
    public PreTokens Words { get; } = new();

    /// <summary>Scratch for ids.</summary>
    public List<int> Ids { get; } = [];

    /// <summary>Divides the text in <see cref="Words"/> and appends the tokens of its words.</summary>
    public void Encode(bool isFirst, List<int> ids)
    {
        Divide(isFirst);
        var chars = Words.Text.Chars;
        foreach (var (start, end) in Words.Ranges)
        {
            var word = chars[start..end];
            if (cache is null || word.Length > WordCache.LongestWord)
            {
                encoder.Encode(word, ids, null);
                continue;
            }

            var hash = WordCache.Hash(word);
            if (cache.Append(word, hash, ids) >= 0) continue;
            var first = ids.Count;
            encoder.Encode(word, ids, null);
            cache.Add(word, hash, CollectionsMarshal.AsSpan(ids)[first..]);
        }
    }

    /// <summary>As <see cref="Encode"/>, with a sampled segmentation.</summary>
    public void Sample(bool isFirst, ref SplitMix random, List<int> ids)
    {
        Divide(isFirst);
        foreach (var (start, end) in Words.Ranges) encoder.Sample(Words.Text.Chars[start..end], ref random, ids, null);
    }

    /// <summary>As <see cref="Encode"/>, with the bytes of the original that each token comes from. The text must be aligned.</summary>
    public void EncodeAligned(bool isFirst, List<(int Id, int Start, int End)> tokens)
    {
        Divide(isFirst);
        var text = Words.Text;
        foreach (var (start, end) in Words.Ranges)
        {
            Ids.Clear();
            lengths.Clear();
            encoder.Encode(text.Chars[start..end], Ids, lengths);
            var walk = new AlignedWalk(text, start);
            for (var i = 0; i < Ids.Count; i++)
            {
                var (first, last) = walk.Take(lengths[i]);
                tokens.Add((Ids[i], first, last));
            }
        }
    }

    private void Divide(bool isFirst)
    {
        Words.Begin(isFirst);
        pipeline.PreTokenizer?.Apply(Words);
    }
}
