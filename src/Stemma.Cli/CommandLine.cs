using System.CommandLine;
using System.CommandLine.Help;
using Stemma.Cli.Commands;
using Stemma.Configuration;
using Stemma.Numerics;

namespace Stemma.Cli;

/// <summary>The command <c>stemma</c>: its verbs, and what happens when they go wrong.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code: see <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CommandContext context, CancellationToken cancellation = default)
    {
        try
        {
            var root = Root(context);
            var parsed = root.Parse(args);
            if (parsed.Action is HelpAction && parsed.CommandResult.Command.Name == TrainCommand.Name && parsed.UnmatchedTokens is ["settings"])
                return SettingsHelp.Write(context);
            if (parsed.Action is not HelpAction)
            {
                Check(parsed);
                _ = ProcessorLevels.Current;    // a wrong one is refused before any work
            }
            var configuration = new InvocationConfiguration { Output = context.Output, Error = context.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await parsed.InvokeAsync(configuration, cancellation).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // the command line is where every error becomes a sentence
        catch (Exception error)
#pragma warning restore CA1031
        {
            var (code, message) = Failure.Describe(error);
            await context.Error.WriteLineAsync(message).ConfigureAwait(false);
            return code;
        }
    }

    /// <summary>All verbs and their options. Not a RootCommand, whose name is the program file's.</summary>
    internal static Command Root(CommandContext context)
    {
        var root = new Command("stemma", "Train, measure and run language models of your own text.") { new HelpOption(), new VersionOption() };
        foreach (var verb in (Command[])[
            TrainCommand.Create(context), EvalCommand.Create(context), GenerateCommand.Create(context), DataCommand.Create(context),
            NGramCommand.Create(context), VectorsCommand.Create(context), LineageCommand.Create(context), AblateCommand.Create(context), TranslateCommand.Create(context), PretrainCommand.Create(context), FinetuneCommand.Create(context), ScoreCommand.Create(context), ReproduceCommand.Create(context), LandscapeCommand.Create(context), TextCommand.Create(context), TokenizeCommand.Create(context), InfoCommand.Create(context), ImportCommand.Create(context), ExportCommand.Create(context), DoctorCommand.Create(context)]) root.Subcommands.Add(verb);
        root.SetAction(_ => root.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = context.Output, Error = context.Error }));
        return root;
    }

    private static void Check(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var verb = string.Join(' ', Path(command));
        foreach (var token in parsed.UnmatchedTokens)
        {
            if (token.StartsWith('-'))
            {
                var options = command.Options.Select(option => option.Name);
                throw new MisuseException($"`{verb}` has no option {token}.{NearestName.Suggestion(token, options)} (`{verb} --help` lists them.)");
            }

            if (command.Subcommands.Count == 0) throw new MisuseException($"\"{token}\" is one argument too many. (`{verb} --help` shows what `{verb}` takes.)");
            var verbs = command.Subcommands.Select(sub => sub.Name).ToArray();
            throw new MisuseException($"There is no `{verb} {token}`.{NearestName.Suggestion(token, verbs)} Commands: {string.Join(", ", verbs)}.");
        }

        if (parsed.Errors.Count > 0) throw new MisuseException($"{parsed.Errors[0].Message} (`{verb} --help` shows what `{verb}` takes.)");
    }

    private static IEnumerable<string> Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? [.. Path(parent), command.Name] : [command.Name];
}
