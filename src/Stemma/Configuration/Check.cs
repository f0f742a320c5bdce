namespace Stemma;

/// <summary>Range checks whose errors name the field as a user writes it.</summary>
internal static class Check
{
    public static void Positive(double value, string field)
    {
        if (!(value > 0)) throw new ConfigurationException($"{field} is {value}; it must be positive.");
    }

    public static void NotNegative(double value, string field)
    {
        if (!(value >= 0)) throw new ConfigurationException($"{field} is {value}; it must not be negative.");
    }

    public static void Probability(double value, string field)
    {
        if (value is < 0 or >= 1 or double.NaN) throw new ConfigurationException($"{field} is {value}; a probability here lies in [0, 1).");
    }
}
