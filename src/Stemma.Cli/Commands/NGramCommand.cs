using System.CommandLine;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma ngram</c>: models of counts.</summary>
internal static class NGramCommand
{
    public static Command Create(CommandContext context) => new("ngram", "Estimate a model of counts, mix several, or exchange one with other toolkits. `eval`, `generate` and `info` take its folder like any other.")
    {
        NGramTrainCommand.Create(context), NGramMixCommand.Create(context), NGramExportCommand.Create(context), NGramImportCommand.Create(context),
    };
}
