using System.CommandLine;
using System.Globalization;
using Stemma.Cli.Output;
using Stemma.Models.Ppmi;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Words;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma vectors collocations</c>: words that belong together.</summary>
internal static class VectorsCollocationsCommand
{
    public static Command Create(CommandContext context)
    {
        var data = new Option<string>("--data") { Description = "A file, a folder, a glob, - for standard input, or dotnet-docs. A line is a sentence. [default: dotnet-docs]", HelpName = "text", DefaultValueFactory = _ => "dotnet-docs" };
        var minCount = Options.Number("--min-count", "Pairs that appear less often are left out.", 20, 1, int.MaxValue);
        var count = Options.Number("--count", "How many pairs.", 20, 1, 100_000);
        var (lossy, json) = (Options.Lossy(), Options.Json());
        var command = new Command("collocations", "Show the pairs of neighbouring words that chance explains least: by pointwise mutual information, as a share of the most it could be.") { data, minCount, count, lossy, json };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(context, parsed.GetValue(data)!, parsed.GetValue(lossy), parsed.GetValue(minCount), parsed.GetValue(count), parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string data, bool lossy, int minCount, int count, bool json, CancellationToken cancellation)
    {
        var screen = context.Screen(json);
        screen.Transient("[dim]Reading the text…[/]");
        Corpus source = data == "-" ? new StandardInputCorpus(context.OpenInput, lossy) : Corpus.Open(data, lossy);
        var corpus = WordCorpus.Read(source.Documents(), new PlainWords(), 1, cancellation);
        var found = Collocation.Find(corpus, minCount, count);
        screen.ClearTransient();
        var words = corpus.Vocabulary.Words;
        if (json)
        {
            foreach (var pair in found)
            {
                Json.WriteObject(context.Output, writer =>
                {
                    writer.WriteString("first", words[pair.First]);
                    writer.WriteString("second", words[pair.Second]);
                    writer.WriteNumber("count", pair.Count);
                    writer.Number("pmi_nats", pair.Information);
                    writer.Number("normalised", pair.Share);
                });
            }
            return ExitCode.Success;
        }
        if (found.Count == 0) screen.Line($"No pair of neighbouring words appears {minCount} times.");
        else screen.Table(["pair", "count", "PMI (nats)", "of the most"], [.. found.Select(pair => (string[])[$"{words[pair.First]} {words[pair.Second]}", pair.Count.ToString("N0", CultureInfo.InvariantCulture), pair.Information.ToString("0.00", CultureInfo.InvariantCulture), Quantity.Percent(pair.Share)])], 1, 2, 3);
        return ExitCode.Success;
    }
}
