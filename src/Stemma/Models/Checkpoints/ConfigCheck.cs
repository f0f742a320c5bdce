namespace Stemma.Models.Checkpoints;

/// <summary>Reads the fields of a foreign <c>config.json</c>; errors name the file and the field.</summary>
/// <param name="path">The file.</param>
internal readonly record struct ConfigCheck(string path)
{
    /// <summary>A field that must be there.</summary>
    public T Required<T>(T? value, string field) where T : struct => value ?? throw new CheckpointException($"{path} lacks the field {field}.");

    /// <summary>A positive number that must be there.</summary>
    public int Positive(int? value, string field)
    {
        Allow(Required(value, field) > 0, field, $"{value}", "positive");
        return value!.Value;
    }

    /// <summary>A probability; its default where it is absent.</summary>
    public double Probability(double? value, double otherwise, string field)
    {
        Allow((value ?? otherwise) is >= 0 and < 1, field, $"{value}", "in [0, 1)");
        return value ?? otherwise;
    }

    /// <summary>Throws where a field holds what this family does not do.</summary>
    public void Allow(bool condition, string field, string? value, string allowed)
    {
        if (!condition) throw new CheckpointException($"{path}: {field} is {value}; it must be {allowed} here.");
    }

    /// <summary>An activation's name; the default where it is absent.</summary>
    public string Activation(string? value, string otherwise, string field)
    {
        Allow(ActivationName.Find(value ?? otherwise) is not null, field, value, $"one of {ActivationName.Known}");
        return value ?? otherwise;
    }
}
