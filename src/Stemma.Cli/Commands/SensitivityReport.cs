using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Evaluation;
using Stemma.Numerics;
using Stemma.Text.Shards;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma eval --sensitivity</c>: one model, one text, and the numbers that different ways of counting make of it.</summary>
internal static class SensitivityReport
{
    public static int Run(CommandContext context, string folder, string? data, bool lossy, Device device, bool json, CancellationToken cancellation)
    {
        var (corpus, heldOut) = EvalCommand.TextOf(context, folder, data, lossy);
        var screen = context.Screen(json);
        using var model = LanguageModel.Load(folder, device);
        var progress = new EvalCommand.Fraction(screen);
        var found = corpus is null
            ? PerplexitySensitivity.Of(model.Model, model.Tokenizer, ReadAll(heldOut, model.Tokenizer.Hash), progress, cancellation)
            : PerplexitySensitivity.Of(model.Model, model.Tokenizer, corpus, progress, cancellation);
        screen.ClearTransient();
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteStartArray("units");
                foreach (var unit in found.Units)
                {
                    writer.WriteStartObject();
                    writer.WriteString("unit", unit.Name);
                    writer.WriteNumber("count", unit.Count);
                    writer.Number("bits", unit.Bits);
                    writer.Number("perplexity", unit.Perplexity);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteStartArray("contexts");
                foreach (var (name, evaluation) in found.Contexts)
                {
                    writer.WriteStartObject();
                    writer.WriteString("context", name);
                    writer.WriteNumber("tokens", evaluation.Tokens);
                    writer.Number("perplexity", evaluation.Perplexity);
                    writer.Number("bits_per_byte", evaluation.BitsPerByte);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            });
            return ExitCode.Success;
        }
        screen.Line($"[bold]The same surprise, counted by different units[/]  [dim]of {Markup.Escape(corpus?.Name ?? $"the held-out text of {folder}")}[/]");
        foreach (var unit in found.Units)
            screen.Line(string.Create(CultureInfo.InvariantCulture, $"  per {unit.Name,-10} perplexity {unit.Perplexity,12:N2}   {unit.Bits,8:0.0000} bits   [dim]{unit.Count:N0}[/]"));
        screen.Line("[bold]The same units, with another context[/]");
        foreach (var (name, evaluation) in found.Contexts)
            screen.Line(string.Create(CultureInfo.InvariantCulture, $"  perplexity {evaluation.Perplexity,12:N2}   {evaluation.BitsPerByte,8:0.0000} bits/byte   [dim]{Markup.Escape(name)}[/]"));
        return ExitCode.Success;
    }

    private static int[] ReadAll(string path, string tokenizerHash)
    {
        using var shard = TokenShard.Open(path, tokenizerHash);
        var tokens = new int[shard.Length];
        shard.Read(0, tokens);
        return tokens;
    }
}
