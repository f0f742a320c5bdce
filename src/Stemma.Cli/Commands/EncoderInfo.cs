using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Text.Tokenizers;

namespace Stemma.Cli.Commands;

/// <summary>What <c>stemma info</c> shows of an encoder, and of an encoder–decoder in the form of Hugging Face; neither needs a tokenizer for that.</summary>
internal static class EncoderInfo
{
    public static int Show(CommandContext context, string folder, bool norms, string? graph, bool json)
    {
        if (graph is not null || norms) throw new MisuseException($"{(norms ? "--norms" : "--graph")} is for language models; {folder} holds {ModelFolder.TypeOf(folder)}.");
        var model = FolderModel.Open(folder, Device.CreateCpu(1));
        var parameters = model.Parameters.Sum(weight => (long)weight.Shape.Count);
        var tokenizer = TokenizerFolder.Find(folder) is not null;
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("model", model.Name);
                writer.WriteNumber("vocab_size", model.VocabSize);
                writer.WriteNumber("parameters", parameters);
                writer.WriteBoolean("has_tokenizer", tokenizer);
            });
            return ExitCode.Success;
        }
        var screen = context.Screen(json);
        screen.Line($"[bold]Model[/]      {model.Name}, vocabulary {model.VocabSize:N0}");
        screen.Line($"[bold]Size[/]       {Quantity.Count(parameters)} parameters ({parameters:N0})");
        if (!tokenizer) screen.Line("[bold]Tokenizer[/]  none here (tokenizer.json); the model takes token ids");
        screen.Line();
        screen.Table(["weight", "shape", "parameters"], [.. model.Parameters.Select(weight => (string[])[weight.Name, weight.Shape.ToString(), weight.Shape.Count.ToString("N0")])], 2);
        return ExitCode.Success;
    }
}
