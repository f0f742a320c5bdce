using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Models.NGram;

namespace Stemma.Cli.Commands;

/// <summary>What the folder of an n-gram model holds.</summary>
internal static class NGramInfo
{
    public static int Show(CommandContext context, string folder, NGramModel model, string tokenizer, bool json)
    {
        var config = NGramCheckpoint.Config(folder);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("model", "ngram");
                writer.WriteNumber("order", model.Order);
                if (config is not null) writer.WriteString("smoothing", config.Smoothing.Name);
                writer.WriteNumber("vocab_size", model.VocabSize);
                writer.WriteStartArray("ngrams");
                foreach (var count in model.Counts) writer.WriteNumberValue(count);
                writer.WriteEndArray();
                writer.WriteNumber("bytes", model.Bytes);
            });
            return ExitCode.Success;
        }
        var screen = context.Screen(json);
        screen.Line($"[bold]Model[/]      {Markup.Escape(config?.ToString() ?? $"{model.Order}-gram, from an ARPA file")}");
        screen.Line($"[bold]Size[/]       {Quantity.Of(model.Counts.Sum(), "n-gram")}, {Quantity.Bytes(model.Bytes)}");
        screen.Line($"[bold]Tokenizer[/]  {tokenizer}");
        screen.Line();
        screen.Table(["order", "n-grams"], [.. model.Counts.Select((count, i) => (string[])[$"{i + 1}", count.ToString("N0", CultureInfo.InvariantCulture)])], 0, 1);
        return ExitCode.Success;
    }
}
