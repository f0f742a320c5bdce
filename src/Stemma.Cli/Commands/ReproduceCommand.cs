using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Reproductions;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma reproduce</c>: what papers claim, measured.</summary>
internal static class ReproduceCommand
{
    public static Command Create(CommandContext context)
    {
        var names = new Argument<string[]>("claim") { Description = "What to measure. [default: none; lists the claims]", Arity = ArgumentArity.ZeroOrMore };
        var data = new Option<string>("--data") { Description = "The folder of the files that a claim reads.", HelpName = "folder" };
        var target = new Option<string>("--out") { Description = "Where records, pages and figures go. [default: docs/reproductions]", HelpName = "folder", DefaultValueFactory = _ => Path.Combine("docs", "reproductions") };
        var runs = new Option<string>("--runs") { Description = "Where training runs are saved and resumed. [default: runs]", HelpName = "folder", DefaultValueFactory = _ => "runs" };
        var papers = new Option<string>("--papers") { Description = "Write the page of all papers and their results.", HelpName = "file" };
        var (threads, json) = (Options.Threads(), Options.Json());
        var command = new Command("reproduce", "Measure what papers claim, against bands that were set before.") { names, data, target, runs, papers, threads, json };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                Claim[] claims = [.. parsed.GetValue(names)!.Select(Claims.Find)];
                var (folder, page) = (new ReproductionFolder(parsed.GetValue(target)!), parsed.GetValue(papers));
                var screen = context.Screen(parsed.GetValue(json));
                var given = new ReproductionContext
                {
                    DataFolder = parsed.GetValue(data),
                    RunsFolder = parsed.GetValue(runs)!,
                    Device = Device.CreateCpu(parsed.GetValue(threads)),
                    Progress = new Progress(screen),
                    Cancellation = cancellation,
                };
                if (claims.Length == 0 && page is null) return List(context, screen, folder, parsed.GetValue(json));
                var code = Measure(context, screen, folder, claims, given, parsed.GetValue(json));
                if (page is not null) AtomicFile.WriteText(page, folder.Papers(Claims.All));
                return code;
            }, CancellationToken.None));
        return command;
    }

    private static int Measure(CommandContext context, Screen screen, ReproductionFolder folder, Claim[] claims, ReproductionContext given, bool json)
    {
        // Files that are missing are told before the first of several claims takes its time.
        foreach (var claim in claims)
            foreach (var file in claim.Data) given.Data(file);
        var machine = string.Create(CultureInfo.InvariantCulture, $"{Quantity.Of(given.Device.ThreadCount, "thread")}, {ProcessorLevels.Current.Name()}");
        var holds = true;
        foreach (var claim in claims)
        {
            screen.Line($"[bold]{claim.Name}[/]  {Markup.Escape(claim.Statement)} [dim]{Markup.Escape(claim.Paper)}, {claim.Year}[/]");
            var record = folder.Write(claim, claim.Measure(given), machine);
            foreach (var measurement in record.Measurements) Show(screen, claim, measurement);
            screen.Line($"  written to {Markup.Escape(folder.Page(claim))}");
            holds &= claim.Holds(record.Measurements);
            if (json) Write(context, claim, record);
        }

        return holds ? ExitCode.Success : ExitCode.Failed;
    }

    private static void Show(Screen screen, Claim claim, Measurement measurement)
    {
        var band = claim.Bands.FirstOrDefault(band => band.Measure == measurement.Name);
        var mark = band is null ? " " : band.Contains(measurement.Value) ? "[green]✓[/]" : "[red]✗[/]";
        screen.Line($"  {mark} {Markup.Escape($"{measurement.Name}: {measurement}")}{(band is null ? "" : $" [dim]expected {Markup.Escape(band.ToString())}[/]")}");
    }

    private static int List(CommandContext context, Screen screen, ReproductionFolder folder, bool json)
    {
        var measured = Claims.All.Where(claim => claim.Run is not null).ToArray();
        if (json)
        {
            foreach (var claim in measured) Write(context, claim, folder.Read(claim));
            return ExitCode.Success;
        }

        screen.Table(["claim", "year", "takes", "says"], [.. measured.Select(claim => (string[])[claim.Name, $"{claim.Year}", Quantity.About(claim.Budget), claim.Statement])], 1);
        screen.Line();
        screen.Line("`stemma reproduce CLAIM` measures one; --data names the folder of the files that some read.");
        return ExitCode.Success;
    }

    private static void Write(CommandContext context, Claim claim, ReproductionRecord? record) => Json.WriteObject(context.Output, writer =>
    {
        writer.WriteString("claim", claim.Name);
        writer.WriteNumber("year", claim.Year);
        writer.WriteString("paper", claim.Paper);
        writer.WriteString("statement", claim.Statement);
        writer.Number("budget_seconds", claim.Budget.TotalSeconds);
        writer.WriteStartArray("data");
        foreach (var file in claim.Data) writer.WriteStringValue(file);
        writer.WriteEndArray();
        writer.WriteStartArray("bands");
        foreach (var band in claim.Bands)
        {
            writer.WriteStartObject();
            writer.WriteString("measure", band.Measure);
            writer.Number("low", band.Low);
            writer.Number("high", band.High);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (record is null) return;
        writer.WriteStartArray("measurements");
        foreach (var measurement in record.Measurements)
        {
            writer.WriteStartObject();
            writer.WriteString("name", measurement.Name);
            writer.Number("value", measurement.Value);
            if (measurement.Low is { } low) writer.Number("low", low);
            if (measurement.High is { } high) writer.Number("high", high);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("holds", claim.Holds(record.Measurements));
    });

    private sealed class Progress(Screen screen) : IProgress<string>
    {
        public void Report(string value) => screen.Line($"  [dim]{Markup.Escape(value)}[/]");
    }
}
