using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;

namespace Stemma.Cli.Commands;

/// <summary>What <c>stemma info</c> shows of an encoder, and of an encoder–decoder in the form of Hugging Face; neither needs a tokenizer for that.</summary>
internal static class EncoderInfo
{
    /// <summary>Whether a folder holds one.</summary>
    public static bool Is(string folder) => EncoderCheckpoint.Families.Contains(ModelFolder.TypeOf(folder)) || EncoderDecoderCheckpoint.Families.Contains(ModelFolder.TypeOf(folder));

    public static int Show(CommandContext context, string folder, bool norms, string? graph, bool json)
    {
        if (graph is not null || norms) throw new MisuseException($"{(norms ? "--norms" : "--graph")} is for language models; {folder} holds {ModelFolder.TypeOf(folder)}.");
        var (name, vocabSize, weights) = Load(folder);
        var parameters = weights.Sum(weight => (long)weight.Shape.Count);
        var tokenizer = File.Exists(Path.Combine(folder, "tokenizer.json"));
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("model", name);
                writer.WriteNumber("vocab_size", vocabSize);
                writer.WriteNumber("parameters", parameters);
                writer.WriteBoolean("has_tokenizer", tokenizer);
            });
            return ExitCode.Success;
        }
        var screen = context.Screen(json);
        screen.Line($"[bold]Model[/]      {name}, vocabulary {vocabSize:N0}");
        screen.Line($"[bold]Size[/]       {Quantity.Count(parameters)} parameters ({parameters:N0})");
        if (!tokenizer) screen.Line("[bold]Tokenizer[/]  none here (tokenizer.json); the model takes token ids");
        screen.Line();
        screen.Table(["weight", "shape", "parameters"], [.. weights.Select(weight => (string[])[weight.Name, weight.Shape.ToString(), weight.Shape.Count.ToString("N0")])], 2);
        return ExitCode.Success;
    }

    private static (string Name, int VocabSize, IReadOnlyList<Parameter> Weights) Load(string folder)
    {
        if (EncoderCheckpoint.Families.Contains(ModelFolder.TypeOf(folder)))
        {
            var encoder = EncoderCheckpoint.Load(folder, Device.CreateCpu(1));
            return (encoder.ClassName, encoder.Config.VocabSize, encoder.Parameters);
        }
        var model = EncoderDecoderCheckpoint.Load(folder, Device.CreateCpu(1));
        return ($"{ModelFolder.TypeOf(folder)} encoder–decoder", model.Config.TargetVocabSize, model.Parameters);
    }
}
