namespace Stemma.Evaluation.Metrics;

/// <summary>Named entities from tags, and their F-score. The CoNLL-2000 script's rules, as in the seqeval package.</summary>
public static class Entities
{
    /// <summary>A run of tokens of one type.</summary>
    /// <param name="Type">For example <c>PER</c>.</param>
    /// <param name="Start">The first token.</param>
    /// <param name="End">After the last.</param>
    public readonly record struct Entity(string Type, int Start, int End);

    /// <summary>
    /// Reads the entities of a sentence. An entity begins at a B, S or U, where the type changes, and where an I or E follows nothing;
    /// it ends before the next one and after an E, S, L or U.
    /// </summary>
    /// <param name="tags">Such as <c>B-PER</c>, <c>I-PER</c>, <c>O</c>.</param>
    /// <exception cref="ArgumentException">A tag that is neither O nor a letter, a hyphen and a type.</exception>
    public static IReadOnlyList<Entity> Of(IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        List<Entity> entities = [];
        var (lastLetter, lastType, start) = ('O', "", 0);
        for (var i = 0; i <= tags.Count; i++)
        {
            var (letter, type) = i < tags.Count ? Parse(tags[i], i) : ('O', "");
            var isInside = letter is not 'O';
            var wasInside = lastLetter is not 'O';
            var begins = isInside && (!wasInside || letter is 'B' or 'S' or 'U' || lastLetter is 'E' or 'S' or 'L' or 'U' || type != lastType);
            if (wasInside && (!isInside || begins)) entities.Add(new(lastType, start, i));
            if (begins) start = i;
            (lastLetter, lastType) = (letter, type);
        }
        return entities;
    }

    /// <summary>The F-score over sentences, an entity being right if its type and both its ends are.</summary>
    /// <param name="predicted">Tags of each sentence.</param>
    /// <param name="actual">The right ones.</param>
    /// <exception cref="ArgumentException">Other numbers of sentences or tokens.</exception>
    public static EntityScores Score(IReadOnlyList<IReadOnlyList<string>> predicted, IReadOnlyList<IReadOnlyList<string>> actual)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        ArgumentNullException.ThrowIfNull(actual);
        if (predicted.Count != actual.Count) throw new ArgumentException($"There are predictions for {predicted.Count} of {actual.Count} sentences.", nameof(predicted));
        var counts = new Dictionary<string, (long Hits, long Given, long Right)>(StringComparer.Ordinal);
        for (var i = 0; i < actual.Count; i++)
        {
            if (predicted[i].Count != actual[i].Count) throw new ArgumentException($"Sentence {i + 1} has {actual[i].Count} tokens and {predicted[i].Count} predictions.", nameof(predicted));
            var (given, right) = (Of(predicted[i]), Of(actual[i]).ToHashSet());
            foreach (var entity in given) Add(entity.Type, right.Contains(entity) ? 1 : 0, 1, 0);
            foreach (var entity in right) Add(entity.Type, 0, 0, 1);
        }
        return new(
            FScore.Of(counts.Values.Sum(c => c.Hits), counts.Values.Sum(c => c.Given), counts.Values.Sum(c => c.Right)),
            counts.OrderBy(c => c.Key, StringComparer.Ordinal).ToDictionary(c => c.Key, c => FScore.Of(c.Value.Hits, c.Value.Given, c.Value.Right)));

        void Add(string type, int hits, int given, int right)
        {
            var count = counts.GetValueOrDefault(type);
            counts[type] = (count.Hits + hits, count.Given + given, count.Right + right);
        }
    }

    private static (char Letter, string Type) Parse(string tag, int place)
    {
        if (tag == "O") return ('O', "");
        if (tag.Length == 1 && "BIESLU".Contains(tag[0], StringComparison.Ordinal)) return (tag[0], "_");
        if (tag.Length > 2 && tag[1] == '-' && "BIESLU".Contains(tag[0], StringComparison.Ordinal)) return (tag[0], tag[2..]);
        throw new ArgumentException($"Token {place + 1} has the tag \"{tag}\"; tags are O, or B, I, E, S, L or U with a type, such as B-PER.", nameof(tag));
    }
}

/// <summary>F-scores of entities.</summary>
/// <param name="Micro">All together: the usual figure.</param>
/// <param name="Types">Each type alone.</param>
public sealed record EntityScores(FScore Micro, IReadOnlyDictionary<string, FScore> Types)
{
    /// <summary>The mean of the types' F-scores.</summary>
    public double MacroF1 => Types.Count > 0 ? Types.Values.Average(score => score.F1) : 0;
}
