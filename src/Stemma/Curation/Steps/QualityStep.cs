using System.Text.Json.Serialization;
using Stemma.Configuration;

namespace Stemma.Curation;

/// <summary>
/// The published rules of thumb by which large corpora tell prose from what is not: Gopher (Rae et al. 2021, table A1 and §A.1.1), C4
/// (Raffel et al. 2020, §2.2) and FineWeb (Penedo et al. 2024, §3.6). Every rule has a name, by which it is chosen and counted.
/// </summary>
public sealed record QualityStep : LocalStep
{
    /// <summary>Rules, or the sets <c>gopher</c>, <c>c4</c>, <c>fineweb</c>. A rule that begins with <c>c4_line</c> removes lines, the others drop documents.</summary>
    public IReadOnlyList<string> Rules { get; init; } = ["gopher", "fineweb"];

    /// <summary>Rules that are left out of the sets.</summary>
    public IReadOnlyList<string> Except { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "quality";

    internal override void Validate(string field)
    {
        if (Rules.Count == 0) throw new ConfigurationException($"{field}.rules is empty. {Known()}");
        foreach (var name in Rules)
            if (!QualityRules.Sets.Contains(name) && !IsRule(name)) throw new ConfigurationException($"{field}.rules names \"{name}\", which is none.{NearestName.Suggestion(name, Names())} {Known()}");
        foreach (var name in Except)
        {
            if (!IsRule(name)) throw new ConfigurationException($"{field}.except names \"{name}\", which is no rule.{NearestName.Suggestion(name, Names())} {Known()}");
            if (Rules.Contains(name)) throw new ConfigurationException($"{field} has the rule {name} in both rules and except.");
        }

        if (!Chosen().Any()) throw new ConfigurationException($"{field}.except leaves no rule.");
    }

    internal override DocumentFilter Build(string prepared) => new Filter([.. Chosen()]);

    private IEnumerable<QualityRule> Chosen() =>
        QualityRules.All.Where(rule => !Except.Contains(rule.Name) && Rules.Any(name => rule.Name == name || QualityRules.Sets.Contains(name) && rule.Name.StartsWith(name + "_", StringComparison.Ordinal)));

    private static IEnumerable<string> Names() => QualityRules.All.Select(rule => rule.Name).Concat(QualityRules.Sets);

    private static bool IsRule(string name) => QualityRules.All.Any(rule => rule.Name == name);

    private static string Known() => $"Sets: {string.Join(", ", QualityRules.Sets)}. Rules: {string.Join(", ", QualityRules.All.Select(rule => rule.Name))}.";

    private sealed class Filter(QualityRule[] rules) : DocumentFilter
    {
        private readonly LineRule[] _lines = [.. rules.OfType<LineRule>()];
        private readonly DocumentRule[] _documents = [.. rules.OfType<DocumentRule>()];

        public override string? Apply(CuratedDocument document, RuleCounts counts)
        {
            if (_lines.Length > 0)
            {
                var kept = new List<string>();
                var removed = 0;
                foreach (var line in document.Text.Split('\n'))
                {
                    // An empty line divides paragraphs and says nothing.
                    var rule = line.Length == 0 ? null : _lines.FirstOrDefault(rule => rule.Removes(line));
                    if (rule is null)
                    {
                        kept.Add(line);
                        continue;
                    }

                    counts.Add($"{rule.Name} (lines)");
                    removed++;
                }

                if (removed > 0)
                {
                    document.Text = string.Join('\n', kept).Trim('\n');
                    if (document.Text.Length == 0) return "no line left";
                }
            }

            var statistics = new TextStatistics(document.Text);
            foreach (var rule in _documents)
                if (rule.Drops(statistics)) return rule.Name;
            return null;
        }
    }
}
