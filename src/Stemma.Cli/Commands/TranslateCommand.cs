using System.CommandLine;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma translate</c>: encoder–decoders, from pairs of lines.</summary>
internal static class TranslateCommand
{
    public static Command Create(CommandContext context) => new("translate", "Learn from pairs of lines (a sentence and its translation, a date and its ISO form) and give a line what belongs to it.")
    {
        TranslateTrainCommand.Create(context), TranslateRunCommand.Create(context), TranslateEvalCommand.Create(context),
    };
}
