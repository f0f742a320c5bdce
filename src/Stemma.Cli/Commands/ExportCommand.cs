using System.CommandLine;
using Stemma.Models;
using Stemma.Numerics;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma export</c>: the model of a run as a folder that the library of Hugging Face opens, and nothing else in it.</summary>
internal static class ExportCommand
{
    public static Command Create(CommandContext context)
    {
        var folder = Options.Folder("A run, or a folder that holds a model.");
        var target = new Option<string>("--out") { Description = "Where to save the model.", HelpName = "folder", Required = true };
        var json = Options.Json();
        var command = new Command("export", "Write a model as a folder that other libraries open.") { folder, target, json };
        command.SetAction((parsed, _) => Task.Run(() => Run(context, parsed.GetValue(folder)!, parsed.GetValue(target)!, parsed.GetValue(json)), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string folder, string target, bool json)
    {
        ImportCommand.RequireFree(target);
        var model = FolderModel.Open(folder, Device.CreateCpu(), asPublished: true);
        if (!model.HasForeignFormat) throw new MisuseException($"{folder} holds a model of type {ModelFolder.TypeOf(folder)}, which no other library has; there is nothing to export it to.");
        ImportCommand.Report(context, ImportCommand.Copy(folder, model, target), target, json);
        return ExitCode.Success;
    }
}
