namespace Stemma.Evaluation.Metrics;

/// <summary>How often each class was taken for which. scikit-learn's definitions.</summary>
public sealed class Classification
{
    private readonly Dictionary<string, (long Hits, long Given, long Right)> _classes = new(StringComparer.Ordinal);

    /// <summary>Compares predictions with the truth.</summary>
    /// <param name="predicted">A class per example.</param>
    /// <param name="actual">The right one.</param>
    /// <exception cref="ArgumentException">Other numbers of examples, or none.</exception>
    public Classification(IReadOnlyList<string> predicted, IReadOnlyList<string> actual)
    {
        ArgumentNullException.ThrowIfNull(predicted);
        ArgumentNullException.ThrowIfNull(actual);
        if (predicted.Count != actual.Count) throw new ArgumentException($"There are {predicted.Count} predictions of {actual.Count} examples.", nameof(predicted));
        if (actual.Count == 0) throw new ArgumentException("There are no examples.", nameof(actual));
        for (var i = 0; i < actual.Count; i++)
        {
            var (given, right) = (_classes.GetValueOrDefault(predicted[i]), _classes.GetValueOrDefault(actual[i]));
            if (predicted[i] == actual[i])
            {
                _classes[actual[i]] = (right.Hits + 1, right.Given + 1, right.Right + 1);
                continue;
            }
            _classes[predicted[i]] = given with { Given = given.Given + 1 };
            _classes[actual[i]] = right with { Right = right.Right + 1 };
        }
        Accuracy = (double)_classes.Values.Sum(c => c.Hits) / actual.Count;
    }

    /// <summary>The share of examples that are right.</summary>
    public double Accuracy { get; }

    /// <summary>The classes that were predicted or are right, by name.</summary>
    public IReadOnlyList<string> Classes => [.. _classes.Keys.Order(StringComparer.Ordinal)];

    /// <summary>One class against all others.</summary>
    /// <exception cref="KeyNotFoundException">No such class.</exception>
    public FScore this[string name] => _classes[name] is var (hits, given, right) ? FScore.Of(hits, given, right) : default;

    /// <summary>The F-score of all decisions together; with one class per example it equals the accuracy.</summary>
    public double MicroF1 => FScore.Of(_classes.Values.Sum(c => c.Hits), _classes.Values.Sum(c => c.Given), _classes.Values.Sum(c => c.Right)).F1;

    /// <summary>The mean of the classes' F-scores: a rare class counts as much as a frequent one.</summary>
    public double MacroF1 => _classes.Keys.Average(name => this[name].F1);

    /// <summary>The mean weighted by how many examples each class has.</summary>
    public double WeightedF1 => _classes.Sum(c => c.Value.Right * this[c.Key].F1) / _classes.Values.Sum(c => c.Right);
}
