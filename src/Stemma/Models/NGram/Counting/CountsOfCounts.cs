namespace Stemma.Models.NGram;

/// <summary>How many n-grams of an order were seen exactly once, twice, three and four times: what discounts are estimated from.</summary>
/// <param name="One">n₁.</param>
/// <param name="Two">n₂.</param>
/// <param name="Three">n₃.</param>
/// <param name="Four">n₄.</param>
public readonly record struct CountsOfCounts(long One, long Two, long Three, long Four)
{
    internal CountsOfCounts Add(ulong count) => count switch
    {
        1 => this with { One = One + 1 },
        2 => this with { Two = Two + 1 },
        3 => this with { Three = Three + 1 },
        4 => this with { Four = Four + 1 },
        _ => this,
    };
}
