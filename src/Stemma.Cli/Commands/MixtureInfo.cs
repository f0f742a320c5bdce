using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Models;
using Stemma.Models.Mixture;
using Stemma.Models.NGram;

namespace Stemma.Cli.Commands;

/// <summary>What the folder of a mixture holds.</summary>
internal static class MixtureInfo
{
    public static int Show(CommandContext context, MixtureModel model, string tokenizer, bool json)
    {
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("model", "mixture");
                writer.WriteNumber("vocab_size", model.VocabSize);
                writer.WriteStartArray("weights");
                foreach (var weight in model.Weights) writer.WriteNumberValue(weight);
                writer.WriteEndArray();
            });
            return ExitCode.Success;
        }
        var screen = context.Screen(json);
        screen.Line($"[bold]Model[/]      mixture of {model.Parts.Count} models");
        screen.Line($"[bold]Tokenizer[/]  {Markup.Escape(tokenizer)}");
        screen.Line();
        screen.Table(["part", "model", "weight"], [.. model.Parts.Select((part, i) => (string[])[$"part-{i}", Describe(part), model.Weights[i].ToString("0.0000", CultureInfo.InvariantCulture)])], 2);
        return ExitCode.Success;
    }

    private static string Describe(ILanguageModel part) => part is NGramModel counts ? $"{counts.Order}-gram" : part is NeuralLanguageModel neural ? ModelDescription.Of(neural.Config) : part.GetType().Name;
}
