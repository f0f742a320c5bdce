using System.CommandLine;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma data</c>: from raw text to shards.</summary>
internal static class DataCommand
{
    public static Command Create(CommandContext context) => new("data", "Turn raw text into shards to train on, and see what became of it.")
    {
        DataBuildCommand.Create(context), DataInspectCommand.Create(context), DataTraceCommand.Create(context),
    };
}
