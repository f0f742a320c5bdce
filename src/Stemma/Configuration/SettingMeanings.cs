namespace Stemma.Configuration;

/// <summary>What each setting means: the summaries of the configuration records, which a trimmed program does not carry. A test keeps them equal.</summary>
internal static partial class SettingMeanings
{
    /// <summary>What a field of a record decides.</summary>
    public static string Of(Type type, string field)
    {
        for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
            if (Meanings.TryGetValue($"{declaring.Name}.{field}", out var meaning)) return meaning;
        return "";
    }

    /// <summary>What the choice of a part decides.</summary>
    public static string OfKind(Type family) => Meanings.GetValueOrDefault(family.Name, "");
}
