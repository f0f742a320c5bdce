using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Models;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;

namespace Stemma.Cli.Commands;

/// <summary>What <c>stemma info</c> shows of an encoder–decoder.</summary>
internal static class PairInfo
{
    /// <summary>Whether a folder holds one.</summary>
    public static bool Is(string folder) => ModelFolder.TypeOf(folder) == ConditionalCheckpoint.ModelType;

    public static int Show(CommandContext context, string folder, bool norms, string? graph, bool json)
    {
        var (model, tokens) = ConditionalCheckpoint.Load(folder, Device.CreateCpu(1));
        if (graph is not null) return LossGraph.Write(context, model, graph, norms, json);
        if (norms) throw new MisuseException($"--norms are those of a language model's weights; {folder} holds an encoder–decoder.");
        var parameters = model.Parameters.Sum(weight => weight.Shape.Count);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("model", PairDescription.Of(model.Config));
                writer.WriteNumber("source_vocab_size", model.Config.SourceVocabSize);
                writer.WriteNumber("target_vocab_size", model.Config.TargetVocabSize);
                writer.WriteNumber("parameters", parameters);
                writer.WriteBoolean("lowercase", tokens.Lowercase);
            });
            return ExitCode.Success;
        }
        var screen = context.Screen(json);
        screen.Line($"[bold]Model[/]      {Markup.Escape(PairDescription.Of(model.Config))}, vocabularies {model.Config.SourceVocabSize:N0} and {model.Config.TargetVocabSize:N0}");
        screen.Line($"[bold]Size[/]       {Quantity.Count(parameters)} parameters ({parameters:N0})");
        screen.Line($"[bold]Tokenizers[/] {TokenizerDescription.Kind(tokens.Source)} and {TokenizerDescription.Kind(tokens.Target)}{(tokens.Lowercase ? ", small letters" : "")}");
        screen.Line();
        screen.Table(
            ["weight", "shape", "parameters"],
            [.. model.Parameters.Select(weight => (string[])[weight.Name, weight.Shape.ToString(), weight.Shape.Count.ToString("N0")])], 2);
        return ExitCode.Success;
    }
}
