using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using Stemma.Numerics;

namespace Stemma.Cli;

/// <summary>Options that several verbs have, and how their values are read.</summary>
internal static class Options
{
    /// <summary><c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Write JSON to standard output; everything else goes to standard error." };

    /// <summary><c>--threads</c>.</summary>
    public static Option<int> Threads() => Number("--threads", "Threads per operation; 0 for one per processor. Results do not depend on it.", 0, 0, 64);

    /// <summary><c>--lossy</c>.</summary>
    public static Option<bool> Lossy() => new("--lossy") { Description = "Read bytes that are not UTF-8 as U+FFFD instead of refusing them." };

    /// <summary><c>--precision</c> of a model that is only run.</summary>
    public static Option<ComputePrecision> Precision() => new("--precision")
    {
        Description = "What the factors of matrix products are rounded to: float32 or bfloat16. [default: float32]",
        HelpName = "float32|bfloat16",
        CustomParser = result => result.Tokens[0].Value switch
        {
            "float32" => ComputePrecision.Float32,
            "bfloat16" => ComputePrecision.BFloat16,
            var other => Refuse<ComputePrecision>(result, $"--precision is float32 or bfloat16, not \"{other}\"."),
        },
    };

    /// <summary>A number within limits.</summary>
    public static Option<T> Number<T>(string name, string description, T usual, T least, T most) where T : struct, INumber<T> => new(name)
    {
        Description = $"{description} [default: {usual}]",
        HelpName = "number",
        DefaultValueFactory = _ => usual,
        CustomParser = result => T.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : Refuse<T>(result, $"{name} is \"{result.Tokens[0].Value}\"; it must be a {(T.IsInteger(T.One / (T.One + T.One)) ? "whole " : "")}number {Limits(least, most)}."),
    };

    /// <summary>An existing folder that a verb works on.</summary>
    public static Argument<string> Folder(string description) => new("folder") { Description = description };

    private static T Refuse<T>(ArgumentResult result, string message) where T : struct
    {
        result.AddError(message);
        return default;
    }

    private static string Limits<T>(T least, T most) where T : struct, INumber<T> =>
        double.CreateSaturating(most) >= int.MaxValue ? $"of at least {least}" : $"from {least} to {most}";
}
