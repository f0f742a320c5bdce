namespace Stemma.Reproductions;

/// <summary>All claims. A room of the field adds its own list.</summary>
public static class Claims
{
    /// <summary>By year.</summary>
    public static IReadOnlyList<Claim> All { get; } = [.. ((IReadOnlyList<Claim>)[.. NGramClaims.All, .. EmbeddingClaims.All, .. RecurrenceClaims.All, .. AttentionClaims.All, .. TransformerClaims.All, .. EncoderClaims.All]).OrderBy(claim => claim.Year)];

    /// <summary>The claim of a name.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static Claim Find(string name) =>
        All.FirstOrDefault(claim => claim.Name == name) is { } found
            ? found
            : throw new ConfigurationException($"There is no claim {name}.{Configuration.NearestName.Suggestion(name, All.Select(claim => claim.Name))} (`stemma reproduce` lists them.)");
}
