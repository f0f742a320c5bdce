using System.Text.Json.Serialization;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>Which keys the queries of each block see.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(FullPattern), "full")]
[JsonDerivedType(typeof(LocalPattern), "local")]
[JsonDerivedType(typeof(AlternatingPattern), "alternating")]
[JsonDerivedType(typeof(StridedPattern), "strided")]
[JsonDerivedType(typeof(FixedPattern), "fixed")]
[JsonDerivedType(typeof(LocalGlobalPattern), "longformer")]
[JsonDerivedType(typeof(BigBirdPattern), "bigbird")]
public abstract record AttentionPattern
{
    /// <summary>The parts of a block's attention.</summary>
    /// <param name="parts">What all blocks share.</param>
    /// <param name="layer">The block's number.</param>
    public abstract SelfAttentionParts For(SelfAttentionParts parts, int layer);

    /// <summary>Throws when a field is out of range.</summary>
    /// <param name="path">The field that holds this one.</param>
    /// <exception cref="ConfigurationException">Such a field.</exception>
    public virtual void Validate(string path)
    {
    }
}

/// <summary>All before the query, itself included.</summary>
public sealed record FullPattern : AttentionPattern
{
    /// <inheritdoc/>
    public override SelfAttentionParts For(SelfAttentionParts parts, int layer) => parts;
}

/// <summary>A window before the query in every block; what is farther comes through several blocks. Beltagy et al. 2020, arXiv:2004.05150, section 3.1.</summary>
public sealed record LocalPattern : AttentionPattern
{
    /// <summary>Positions that a query sees, itself included.</summary>
    public int Window { get; init; } = 32;

    /// <inheritdoc/>
    public override SelfAttentionParts For(SelfAttentionParts parts, int layer)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return parts with { Window = AttentionWindow.Sliding(Window) };
    }

    /// <inheritdoc/>
    public override void Validate(string path) => Check.Positive(Window, $"{path}.window");
}

/// <summary>A window in the first, third, … block and everything in the others: GPT-Neo and Gemma 2.</summary>
public sealed record AlternatingPattern : AttentionPattern
{
    /// <summary>Positions that a query of a local block sees, itself included.</summary>
    public int Window { get; init; } = 32;

    /// <inheritdoc/>
    public override SelfAttentionParts For(SelfAttentionParts parts, int layer)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return layer % 2 == 0 ? parts with { Window = AttentionWindow.Sliding(Window) } : parts;
    }

    /// <inheritdoc/>
    public override void Validate(string path) => Check.Positive(Window, $"{path}.window");
}
