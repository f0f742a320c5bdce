using System.Text.Json.Serialization;

namespace Stemma.Ablations;

/// <summary>What came of a variant and a seed; saved as it comes.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record AblationResult
{
    /// <summary>The variant's name.</summary>
    public required string Variant { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Numbers that training changes.</summary>
    public required long Parameters { get; init; }

    /// <summary>Floating-point operations a token, forward and backward.</summary>
    public required double FlopsPerToken { get; init; }

    /// <summary>Tokens it trained on.</summary>
    public required long Tokens { get; init; }

    /// <summary>Seconds of its training steps.</summary>
    public required double Seconds { get; init; }

    /// <summary>Why there is nothing to read, where the training diverged; null where it ended.</summary>
    public string? Failure { get; init; }

    /// <summary>The held-out text, in windows of each length of the study.</summary>
    public required IReadOnlyList<AblationReading> Readings { get; init; }
}

/// <summary>A reading of the held-out text.</summary>
/// <param name="Length">Tokens of a window.</param>
/// <param name="BitsPerByte">Null where the model cannot read so far, or did not train.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public readonly record struct AblationReading(int Length, double? BitsPerByte);

/// <summary>All that is kept of a study: from it the page is made again.</summary>
public sealed record AblationRecord
{
    /// <summary>What was asked.</summary>
    public required AblationStudy Study { get; init; }

    /// <summary>What it ran on.</summary>
    public required string Machine { get; init; }

    /// <summary>Bytes of text held out.</summary>
    public required long HeldOutBytes { get; init; }

    /// <summary>In the order of variants and seeds.</summary>
    public required IReadOnlyList<AblationResult> Results { get; init; }
}
