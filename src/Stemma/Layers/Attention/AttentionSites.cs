using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>Where an attention shows its inside.</summary>
/// <param name="Queries">[rows, heads, head size].</param>
/// <param name="Keys">[keys, key heads, head size].</param>
/// <param name="Values">[keys, key heads, head size].</param>
/// <param name="Scores">[rows, heads, keys of the longest sequence].</param>
/// <param name="Pattern">The same.</param>
/// <param name="Heads">[rows, heads, head size].</param>
/// <param name="Results">[rows, heads, hidden].</param>
/// <param name="Output">[rows, hidden].</param>
internal sealed record AttentionSites(Site Queries, Site Keys, Site Values, Site Scores, Site Pattern, Site Heads, Site Results, Site Output)
{
    /// <summary>Of attention to the text itself.</summary>
    public static AttentionSites Text { get; } = new(Site.Queries, Site.Keys, Site.Values, Site.Scores, Site.Pattern, Site.HeadOutputs, Site.HeadResults, Site.AttentionOutput);

    /// <summary>Of attention to a source.</summary>
    public static AttentionSites Source { get; } =
        new(Site.SourceQueries, Site.SourceKeys, Site.SourceValues, Site.SourceScores, Site.SourcePattern, Site.SourceHeadOutputs, Site.SourceHeadResults, Site.SourceOutput);

    /// <summary>Whether somebody wants what the fused operation never holds.</summary>
    public bool AreWatchedInside(in Pass pass, int layer) => pass.Watches(Scores, layer) || pass.Watches(Pattern, layer);

    /// <summary>
    /// <see cref="TensorOps.Attention"/> with its scores and its pattern shown to those who asked for them. While they stay as they are the fused
    /// operation gives the result, with the bits it has unwatched; what is put in their place is read instead.
    /// </summary>
    public Tensor Attend(
        Tensor queries, Tensor keys, Tensor values, SequenceLayout layout, AttentionWindow window, double? scale, double probability, RandomStream stream, ScoreDescription? description, in Pass pass, int layer)
    {
        if (!AreWatchedInside(pass, layer)) return Fused();
        var scores = TensorOps.AttentionScores(queries, keys, layout, window, scale, description);
        var seenScores = pass.Watches(Scores, layer) ? pass.Observe(Scores, layer, scores) : scores;
        var pattern = TensorOps.AttentionPattern(seenScores, layout, window, description);
        var seenPattern = pass.Watches(Pattern, layer) ? pass.Observe(Pattern, layer, pattern) : pattern;
        return ReferenceEquals(seenScores, scores) && ReferenceEquals(seenPattern, pattern) ? Fused() : TensorOps.AttentionRead(seenPattern, values, layout, probability, stream);

        Tensor Fused() => TensorOps.Attention(queries, keys, values, layout, window, scale, probability, stream, description);
    }
}
