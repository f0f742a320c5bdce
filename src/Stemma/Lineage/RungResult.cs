using System.Text.Json.Serialization;

namespace Stemma.Lineage;

/// <summary>What came of a rung; saved as <c>result.json</c> in its folder.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record RungResult
{
    /// <summary>The rung's name.</summary>
    public required string Name { get; init; }

    /// <summary>Bits per byte of all held-out text; null where something in it has no probability at all.</summary>
    public double? BitsPerByte { get; init; }

    /// <summary>Where 95 % of resamples of the held-out blocks lie, from; null like <see cref="BitsPerByte"/>.</summary>
    public double? Low { get; init; }

    /// <summary>To.</summary>
    public double? High { get; init; }

    /// <summary>Numbers that were learned: weights, or n-grams.</summary>
    public required long Parameters { get; init; }

    /// <summary>Updates of the weights; 1 for a model of counts.</summary>
    public required int Steps { get; init; }

    /// <summary>Tokens that were read, repetitions included.</summary>
    public required long TrainedTokens { get; init; }

    /// <summary>Tokens per second of training.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Floating-point operations of the training; 0 for a model of counts.</summary>
    public required double Flops { get; init; }

    /// <summary>Seconds from reading the text to the last evaluation.</summary>
    public required double Seconds { get; init; }

    /// <summary>The most memory that the process had while at it.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Joules that the processor took, where the machine tells.</summary>
    public double? Joules { get; init; }

    /// <summary>What it can do.</summary>
    public required Abilities Abilities { get; init; }

    /// <summary>How it continues the lineage's prompt.</summary>
    public required string Sample { get; init; }

    /// <summary>On the way: tokens read and bits per byte on the first part of the held-out text.</summary>
    public required IReadOnlyList<CurvePoint> Curve { get; init; }

    /// <summary>The held-out blocks, from which it is compared with others.</summary>
    public required IReadOnlyList<Evaluation.EvaluationBlock> Blocks { get; init; }
}

/// <summary>A point of a learning curve.</summary>
/// <param name="Tokens">Tokens read so far.</param>
/// <param name="BitsPerByte">On the part of the held-out text that is looked at while training.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public readonly record struct CurvePoint(long Tokens, double BitsPerByte);
