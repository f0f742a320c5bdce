using System.Text;
using Stemma.Cli;

namespace Stemma.Tests.Cli;

/// <summary>The command, run in this process with captured streams.</summary>
internal sealed record CommandLineRun(int Code, string Output, string Error)
{
    /// <summary>The lines of standard output.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs <c>stemma</c> with arguments.</summary>
    public static Task<CommandLineRun> Of(params string[] args) => With([], false, CancellationToken.None, args);

    /// <summary>Runs <c>stemma</c> on an input.</summary>
    public static Task<CommandLineRun> WithInput(string input, params string[] args) => With(Encoding.UTF8.GetBytes(input), false, CancellationToken.None, args);

    /// <summary>Runs <c>stemma</c> as on a terminal.</summary>
    public static Task<CommandLineRun> OnTerminal(params string[] args) => With([], true, CancellationToken.None, args);

    /// <summary>Runs <c>stemma</c>, stopped from outside.</summary>
    public static async Task<CommandLineRun> With(byte[] input, bool terminal, CancellationToken cancellation, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var context = new CommandContext { Output = output, Error = error, OpenInput = () => new MemoryStream(input), OutputIsTerminal = terminal, Width = 100 };
        var code = await CommandLine.RunAsync(args, context, cancellation);
        return new(code, output.ToString(), error.ToString());
    }
}
