using System.Globalization;
using Stemma.Configuration;
using Stemma.Models.NGram;

namespace Stemma.Cli;

/// <summary>A smoothing method as it is typed: <c>kneser-ney</c>, <c>add-k:0.01</c>.</summary>
internal static class SmoothingName
{
    private static readonly (string Name, Func<double?, Smoothing> Build, bool TakesNumber)[] Methods =
    [
        ("modified-kneser-ney", _ => new ModifiedKneserNey(), false),
        ("lmplz", _ => new LmplzKneserNey(), false),
        ("kneser-ney", _ => new KneserNey(), false),
        ("absolute", _ => new AbsoluteDiscounting(), false),
        ("witten-bell", _ => new WittenBell(), false),
        ("dirichlet", concentration => concentration is { } value ? new HierarchicalDirichlet { Concentration = value } : new HierarchicalDirichlet(), true),
        ("add-k", k => k is { } value ? new AddK { K = value } : new AddK(), true),
        ("mle", _ => new MaximumLikelihood(), false),
        ("stupid-backoff", factor => factor is { } value ? new StupidBackoff { Factor = value } : new StupidBackoff(), true),
    ];

    /// <summary>For help: the names, and which take a number.</summary>
    public static string All => string.Join(", ", Methods.Select(method => method.TakesNumber ? $"{method.Name}[:number]" : method.Name));

    /// <summary>Reads one.</summary>
    /// <exception cref="MisuseException">There is none of that name, or its number is none.</exception>
    public static Smoothing Parse(string text)
    {
        var (name, number) = text.Split(':', 2) is [var left, var right] ? (left, right) : (text, null);
        var method = Methods.FirstOrDefault(method => method.Name == name);
        if (method.Build is null) throw new MisuseException($"There is no smoothing {name}.{NearestName.Suggestion(name, Methods.Select(known => known.Name))} Known: {All}.");
        if (number is null) return method.Build(null);
        if (!method.TakesNumber) throw new MisuseException($"{name} takes no number; its discounts are estimated from the counts.");
        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)) throw new MisuseException($"\"{number}\" is not a number; write for example add-k:0.01.");
        return method.Build(value);
    }
}
