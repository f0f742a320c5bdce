using System.Numerics;
using System.Runtime.InteropServices;

namespace Stemma.Models.WordEmbeddings;

/// <summary>How well a word x answers "a is to b as c is to x", from its cosines to the three.</summary>
public abstract record AnalogyMethod
{
    /// <summary>The names of the methods.</summary>
    public static IReadOnlyList<AnalogyMethod> All { get; } = [new ThreeCosAdd(), new ThreeCosMul()];

    /// <summary>What the literature calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Scores words, of which the largest is the answer.</summary>
    /// <param name="a">Each word's cosine to a.</param>
    /// <param name="b">To b.</param>
    /// <param name="c">To c.</param>
    /// <param name="scores">As many.</param>
    public void Score(ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, Span<float> scores)
    {
        var va = MemoryMarshal.Cast<float, Vector<float>>(a);
        var vb = MemoryMarshal.Cast<float, Vector<float>>(b);
        var vc = MemoryMarshal.Cast<float, Vector<float>>(c);
        var vs = MemoryMarshal.Cast<float, Vector<float>>(scores);
        for (var i = 0; i < vs.Length; i++) vs[i] = Of(va[i], vb[i], vc[i]);
        // The rest, through the same arithmetic.
        for (var i = vs.Length * Vector<float>.Count; i < scores.Length; i++) scores[i] = Of(new(a[i]), new(b[i]), new(c[i]))[0];
    }

    private protected abstract Vector<float> Of(Vector<float> a, Vector<float> b, Vector<float> c);
}

/// <summary>cos(x, b) − cos(x, a) + cos(x, c): the word nearest to b − a + c. Mikolov, Yih and Zweig 2013.</summary>
public sealed record ThreeCosAdd : AnalogyMethod
{
    /// <inheritdoc/>
    public override string Name => "3CosAdd";

    private protected override Vector<float> Of(Vector<float> a, Vector<float> b, Vector<float> c) => b - a + c;
}

/// <summary>cos(x, b)·cos(x, c) ÷ (cos(x, a) + ε), each cosine moved to 0 … 1: one large term cannot outweigh the others. Levy and Goldberg 2014, ε = 0.001.</summary>
public sealed record ThreeCosMul : AnalogyMethod
{
    /// <inheritdoc/>
    public override string Name => "3CosMul";

    private protected override Vector<float> Of(Vector<float> a, Vector<float> b, Vector<float> c)
    {
        var (one, half) = (Vector<float>.One, new Vector<float>(0.5f));
        return (b + one) * half * ((c + one) * half) / ((a + one) * half + new Vector<float>(1e-3f));
    }
}
