namespace Stemma.Reporting;

/// <summary>The colours of figures: told apart by the colour-blind, and at least 4.5 : 1 against the paper, light or dark.</summary>
internal static class Palette
{
    private static readonly (string Light, string Dark)[] s_colours =
    [
        ("#1d5fbf", "#6fabff"), ("#c0400a", "#ff9a52"), ("#0b7a50", "#3fd493"), ("#7a3fd1", "#c3a6ff"),
        ("#8f6400", "#f2cb45"), ("#b61a67", "#ff92c6"), ("#0a7184", "#4fd6e8"), ("#566273", "#b7c3d1"),
    ];

    /// <summary>The number of colours; further series take them again, dashed.</summary>
    public static int Count => s_colours.Length;

    /// <summary>The style sheet of every figure. Its names start at <c>.stemma-figure</c>, so that a page that holds a figure stays as it is.</summary>
    public static string Style { get; } = Build();

    private static string Build() => $$"""

        .stemma-figure { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; font-size: 12px; }
        .stemma-figure .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .stemma-figure .dashed { stroke-dasharray: 6 4; }
        .stemma-figure .thin { stroke-width: 1.25; }
        .stemma-figure .title { font-size: 16px; font-weight: 600; }
        .stemma-figure .small { font-size: 11px; stroke-width: 3; stroke-linejoin: round; paint-order: stroke; }
        .stemma-figure .grid, .stemma-figure .axis { stroke-width: 1; }
        .stemma-figure .area { stroke: none; fill-opacity: 0.18; }
        .stemma-figure .node { stroke-width: 1; }
        {{Colours(colour => colour.Light, paper: "#ffffff", ink: "#1b222c", soft: "#555f6d", grid: "#e3e7ec", axis: "#98a2ae")}}
        @media (prefers-color-scheme: dark) {
        {{Colours(colour => colour.Dark, paper: "#12161c", ink: "#e8ecf1", soft: "#a7b1bd", grid: "#2a313b", axis: "#626d7a")}}
        }

        """;

    private static string Colours(Func<(string Light, string Dark), string> tone, string paper, string ink, string soft, string grid, string axis) => $$"""
        .stemma-figure .paper { fill: {{paper}}; }
        .stemma-figure text { fill: {{ink}}; }
        .stemma-figure .soft { fill: {{soft}}; }
        .stemma-figure .small { stroke: {{paper}}; }
        .stemma-figure .grid { stroke: {{grid}}; }
        .stemma-figure .axis { stroke: {{axis}}; }
        .stemma-figure .whisker { stroke: {{ink}}; }
        .stemma-figure .node { fill: {{paper}}; stroke: {{axis}}; }
        {{string.Join('\n', s_colours.Select((colour, i) => $".stemma-figure .ink{i} {{ stroke: {tone(colour)}; }} .stemma-figure .fill{i} {{ fill: {tone(colour)}; }}"))}}
        """;
}
