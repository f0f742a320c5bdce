namespace Stemma.Models.Heads;

/// <summary>The names of labels.</summary>
internal static class LabelNames
{
    /// <summary>The number of a label; −1 where there is none of this name.</summary>
    public static int Find(IReadOnlyList<string> labels, string label)
    {
        for (var i = 0; i < labels.Count; i++)
            if (labels[i] == label) return i;
        return -1;
    }

    /// <exception cref="ConfigurationException">Fewer than two, or two alike.</exception>
    public static IReadOnlyList<string> Checked(IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count < 2) throw new ConfigurationException($"There {(labels.Count == 1 ? "is one label" : "are no labels")}; to tell texts apart takes at least two.");
        if (labels.Distinct().Count() != labels.Count) throw new ConfigurationException($"The label {labels.GroupBy(label => label).First(group => group.Count() > 1).Key} occurs twice.");
        return labels;
    }
}
