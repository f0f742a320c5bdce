using System.Collections;
using System.Runtime.CompilerServices;
using Stemma.Numerics;

namespace Stemma.Generation;

/// <summary>Chooses the next token: transforms in order, then one draw. <c>Sampler s = [new Temperature(0.8), new TopK(40)];</c></summary>
[CollectionBuilder(typeof(Sampler), nameof(Create))]
public sealed class Sampler : IEnumerable<LogitsTransform>
{
    private readonly LogitsTransform[] _transforms;
    private readonly bool _greedy;

    private Sampler(LogitsTransform[] transforms, bool greedy = false) => (_transforms, _greedy) = (transforms, greedy);

    /// <summary>Always the likeliest token, the lowest id among equals.</summary>
    public static Sampler Greedy { get; } = new([], greedy: true);

    /// <summary>A sampler of transforms.</summary>
    public static Sampler Create(ReadOnlySpan<LogitsTransform> transforms) => new(transforms.ToArray());

    /// <summary>Chooses a token.</summary>
    /// <param name="logits">[vocab]; changed.</param>
    /// <param name="previous">The tokens so far.</param>
    /// <param name="random">Where the draw comes from.</param>
    /// <param name="position">Which draw it is.</param>
    /// <exception cref="ArgumentException">No token has a finite logit.</exception>
    public int Sample(Span<float> logits, ReadOnlySpan<int> previous, RandomStream random, long position)
    {
        foreach (var transform in _transforms) transform.Apply(logits, previous);
        var best = 0;
        for (var i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best] || float.IsNaN(logits[best])) best = i;
        if (!float.IsFinite(logits[best])) throw new ArgumentException("No token has a finite logit; the model's weights are broken, or the transforms removed everything.", nameof(logits));
        if (_greedy) return best;
        var total = 0.0;
        foreach (var logit in logits) total += Weight(logit, logits[best]);
        var left = random.Uniform((ulong)position) * total;
        for (var i = 0; i < logits.Length; i++)
        {
            left -= Weight(logits[i], logits[best]);
            if (left < 0) return i;
        }
        return best;
    }

    /// <inheritdoc/>
    public IEnumerator<LogitsTransform> GetEnumerator() => ((IEnumerable<LogitsTransform>)_transforms).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static double Weight(float logit, float best) => float.IsNaN(logit) ? 0 : Math.Exp((double)logit - best);
}
