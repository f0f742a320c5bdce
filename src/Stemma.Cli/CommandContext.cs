namespace Stemma.Cli;

/// <summary>What a command reads from and writes to.</summary>
internal sealed record CommandContext
{
    /// <summary>Standard output: results.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard error: errors, and with <c>--json</c> all that is for people.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Standard input, opened when something is read from it.</summary>
    public required Func<Stream> OpenInput { get; init; }

    /// <summary>Whether standard output is a terminal that a person watches.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Whether standard error is.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The terminal's columns.</summary>
    public int Width { get; init; } = 120;

    /// <summary>The context of this process.</summary>
    public static CommandContext OfProcess(TextWriter output) => new()
    {
        Output = output,
        Error = Console.Error,
        OpenInput = Console.OpenStandardInput,
        OutputIsTerminal = !Console.IsOutputRedirected && IsWatched(),
        ErrorIsTerminal = !Console.IsErrorRedirected && IsWatched(),
        Width = WidthOfTerminal(),
    };

    /// <summary>Where text for people goes: standard output, or standard error when that carries JSON.</summary>
    public Output.Screen Screen(bool json) => json ? new(Error, ErrorIsTerminal, Width) : new(Output, OutputIsTerminal, Width);

    private static bool IsWatched() => Environment.GetEnvironmentVariable("TERM") != "dumb" && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));

    private static int WidthOfTerminal()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : 120;
        }
        catch (IOException)
        {
            return 120;
        }
    }
}
