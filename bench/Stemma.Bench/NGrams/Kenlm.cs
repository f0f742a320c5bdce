using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Stemma.Bench.NGrams;

/// <summary>KenLM's programs, built elsewhere.</summary>
internal sealed partial class Kenlm(string binaries, string folder)
{
    /// <summary>Estimates as <c>lmplz</c> does.</summary>
    public Turn Estimate(string text, string arpa, int order, int memoryMegaBytes) =>
        Run("lmplz", ["-o", $"{order}", "-S", $"{memoryMegaBytes}M", "-T", folder, "--text", text, "--arpa", arpa], null).Turn;

    /// <summary>Makes a binary model.</summary>
    public void Build(string kind, string arpa, string model) => Run("build_binary", [kind, arpa, model], null);

    /// <summary>A text's perplexity.</summary>
    public Turn Query(string model, string text)
    {
        var (turn, output, error) = Run("query", ["-v", "summary", model], text);
        return turn with { Perplexity = Number(output + error, "Perplexity including OOVs:"), KnownPerplexity = Number(output + error, "Perplexity excluding OOVs:") };
    }

    private (Turn Turn, string Output, string Error) Run(string program, string[] arguments, string? input)
    {
        var watch = Stopwatch.StartNew();
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" < \"$0\"", input ?? "/dev/null", Path.Combine(binaries, program), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var seconds = watch.Elapsed.TotalSeconds;
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with exit code {process.ExitCode}: {error.Result}");
        var usage = Usage().Match(error.Result);
        return (usage.Success ? new(seconds, Parse(usage.Groups[2].Value) + Parse(usage.Groups[3].Value), (long)(Parse(usage.Groups[1].Value) * 1024)) : new(seconds, double.NaN, 0), output, error.Result);
    }

    private static double Number(string text, string name)
    {
        var start = text.IndexOf(name, StringComparison.Ordinal);
        if (start < 0) throw new InvalidOperationException($"query printed no \"{name}\".");
        return Parse(text[(start + name.Length)..].Split('\n')[0].Trim());
    }

    private static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"RSSMax:(\d+) kB\s+user:([\d.e-]+)\s+sys:([\d.e-]+)")]
    private static partial Regex Usage();
}
