using Stemma.Generation;
using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Models;

/// <summary>What is kept of one target: its keys and values, and how each of its tokens looked at the source in the last block, the mean over heads.</summary>
internal sealed class EncoderDecoderState(SequenceCache cache) : IAlignedState
{
    private readonly List<float[]> _alignment = [];

    /// <summary>Keys and values.</summary>
    public SequenceCache Cache { get; } = cache;

    /// <inheritdoc/>
    public int Length => Cache.Length;

    /// <inheritdoc/>
    public IReadOnlyList<float[]> Alignment => _alignment;

    /// <summary>Says that all layers have got the rows of these tokens.</summary>
    /// <param name="tokens">What was read.</param>
    /// <param name="looks">[tokens, source rows].</param>
    public void Advance(ReadOnlySpan<int> tokens, Tensor looks)
    {
        Cache.Advance(tokens);
        _alignment.AddRange(looks.ToArray<float>().Chunk(looks.Shape[1]));
    }

    /// <inheritdoc/>
    public ISequenceState Fork()
    {
        var copy = new EncoderDecoderState((SequenceCache)Cache.Fork());
        copy._alignment.AddRange(_alignment);
        return copy;
    }

    /// <inheritdoc/>
    public bool TryTruncate(int length)
    {
        if (!Cache.TryTruncate(length)) return false;
        _alignment.RemoveRange(length, _alignment.Count - length);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => Cache.Dispose();
}
