using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Curation;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma data trace</c>: where a token came from.</summary>
internal static class DataTraceCommand
{
    public static Command Create(CommandContext context)
    {
        var shard = new Argument<string>("shard") { Description = "A .tokens file of a built folder." };
        var offset = new Argument<string>("token") { Description = "The token's place in it, from 0." };
        var json = Options.Json();
        var command = new Command("trace", "Tell which document a token of a shard came from, and what was done to it.") { shard, offset, json };
        command.SetAction(parsed =>
        {
            var text = parsed.GetValue(offset)!;
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var place)) throw new MisuseException($"\"{text}\" is no place of a token; it is a whole number from 0.");
            return Run(context, parsed.GetValue(shard)!, place, parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(CommandContext context, string path, long offset, bool json)
    {
        var trace = CuratedFolder.Trace(path, offset);
        var document = trace.Document;
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("document", document.Name);
                writer.WriteString("file", document.File);
                writer.WriteNumber("position", document.Position);
                writer.WriteNumber("input", document.Input);
                writer.WriteString("input_sha256", trace.Input?.Sha256);
                writer.WriteNumber("number", trace.Number);
                writer.WriteNumber("first_token", trace.Start);
                writer.WriteNumber("end_token", trace.End);
                writer.WriteString("language", document.Language);
                writer.WriteStartArray("changed_by");
                foreach (var step in document.ChangedBy) writer.WriteStringValue(step);
                writer.WriteEndArray();
                writer.WriteString("before", trace.Before);
                writer.WriteString("token", trace.Token);
                writer.WriteString("after", trace.After);
            });
            return ExitCode.Success;
        }

        var screen = context.Screen(json);
        screen.Line($"[bold]Document[/]  {Markup.Escape(document.Name)}");
        screen.Line($"[bold]From[/]      {Markup.Escape(document.File)}, byte {document.Position}, of inputs[[{document.Input}]]{(trace.Input is { } input ? $", sha256 {input.Sha256[..16]}…" : "")}");
        screen.Line($"[bold]In shard[/]  document {trace.Number:N0}, tokens {trace.Start:N0} to {trace.End - 1:N0}{(document.Language.Length > 0 ? $", language {document.Language}" : "")}");
        screen.Line($"[bold]Changed by[/] {(document.ChangedBy.Count == 0 ? "no step" : string.Join(", ", document.ChangedBy))}");
        screen.Line($"{Markup.Escape(Flat(trace.Before))}[invert]{Markup.Escape(Flat(trace.Token))}[/]{Markup.Escape(Flat(trace.After))}");
        return ExitCode.Success;
    }

    private static string Flat(string text) => text.ReplaceLineEndings("⏎");
}
