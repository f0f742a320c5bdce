namespace Stemma.Bench.Claims;

/// <summary>
/// `claims`: what the field says about costs and learning, measured on this machine, with a figure each: `claims --only scaling --out figures`.
/// </summary>
internal static class ClaimsBench
{
    private static readonly (string Name, string Claim, Action<ClaimSheet> Run)[] s_claims =
    [
        ("scaling", "attention costs O(n²), the feed-forward layer O(d²)", ScalingClaim.Run),
        ("amortised", "a growing cache and a merge of the tokenizer cost O(1) and O(log) amortised", AmortisedClaim.Run),
        ("hierarchy", "tiles that fit a cache save memory and time", HierarchyClaim.Run),
        ("parallel", "all positions at once beat one after the other", ParallelClaim.Run),
        ("checkpointing", "computing again saves memory", CheckpointingClaim.Run),
        ("width", "the wider a net of one hidden layer, the nearer it comes to a function", WidthClaim.Run),
        ("depth", "initialisation carries values through depth, residuals and norms carry learning", DepthClaim.Run),
    ];

    public static int Run(string[] args)
    {
        var options = new Options(args);
        var sheet = new ClaimSheet(options.Text("--out", "figures"), options.Number("--threads", 2));
        var only = options.Text("--only", "");
        options.RequireAllUsed();
        if (only.Length > 0 && s_claims.All(claim => claim.Name != only)) throw new ArgumentException($"There is no claim {only}; choose {string.Join(", ", s_claims.Select(claim => claim.Name))}.");
        foreach (var (name, claim, run) in s_claims.Where(claim => only.Length == 0 || claim.Name == only))
        {
            Console.WriteLine($"{name}: {claim}");
            run(sheet);
        }
        return 0;
    }
}
