using System.CommandLine;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Generation;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Text;
using Stemma.Text.Tokenizers;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma import</c>: a folder of Hugging Face as one of ours, whole and checked.</summary>
internal static class ImportCommand
{
    private const string GenerationConfig = "generation_config.json";

    public static Command Create(CommandContext context)
    {
        var folder = Options.Folder("A Hugging Face folder: config.json and model.safetensors or pytorch_model.bin, each whole or in shards.");
        var target = new Option<string>("--out") { Description = "Where to save the model.", HelpName = "folder", Required = true };
        var json = Options.Json();
        var command = new Command("import", "Read a model of another library into a folder that the other verbs take.") { folder, target, json };
        command.SetAction((parsed, _) => Task.Run(() => Run(context, parsed.GetValue(folder)!, parsed.GetValue(target)!, parsed.GetValue(json)), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string folder, string target, bool json)
    {
        RequireFree(target);
        Report(context, Copy(folder, FolderModel.Open(folder, Device.CreateCpu()), target), target, json);
        return ExitCode.Success;
    }

    /// <summary>Throws where a folder holds a model already.</summary>
    internal static void RequireFree(string target)
    {
        if (File.Exists(target) || File.Exists(Path.Combine(target, "config.json"))) throw new MisuseException($"{target} is taken; choose another folder with --out.");
    }

    /// <summary>Writes a folder's model, its tokenizer and its way of generating elsewhere; returns the model, and why it has no tokenizer where that is so.</summary>
    internal static (FolderModel Model, string? Trouble) Copy(string folder, FolderModel model, string target)
    {
        GenerationOptions.Of(folder);   // Wrong fields are found before anything is written.
        var generation = Path.Combine(folder, GenerationConfig);
        var (tokenizer, trouble) = Tokenizer(folder, model.VocabSize);
        model.Save(target, tokenizer);
        if (tokenizer is not null) TokenizerFolder.Save(tokenizer, target);
        if (File.Exists(generation)) AtomicFile.WriteText(Path.Combine(target, GenerationConfig), File.ReadAllText(generation));
        return (model, trouble);
    }

    /// <summary>The tokenizer of a folder, or why there is none that can be used.</summary>
    internal static (Tokenizer? Tokenizer, string? Trouble) Tokenizer(string folder, int vocabSize)
    {
        try
        {
            var tokenizer = Stemma.Text.Tokenizers.Tokenizer.Load(folder);
            return tokenizer.VocabSize <= vocabSize ? (tokenizer, null) : (null, $"its tokenizer has {tokenizer.VocabSize} tokens, the model {vocabSize}: they do not belong together");
        }
        catch (Exception e) when (e is TextFormatException or FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Says what was written.</summary>
    internal static void Report(CommandContext context, (FolderModel Model, string? Trouble) written, string target, bool json)
    {
        var (model, trouble) = written;
        var count = model.Parameters.Sum(weight => weight.Shape.Count);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("folder", target);
                writer.WriteString("model_type", ModelFolder.TypeOf(target));
                writer.WriteNumber("parameters", count);
                writer.WriteBoolean("has_tokenizer", trouble is null);
                if (trouble is not null) writer.WriteString("tokenizer_trouble", trouble);
            });
            return;
        }
        var screen = context.Screen(json);
        screen.Line(Markup.Escape($"{model.Name ?? ModelFolder.TypeOf(target)}: {Quantity.Of(count, "parameter")}"));
        if (trouble is not null) screen.Line(Markup.Escape($"It takes token ids: {trouble}."));
        screen.Line(Markup.Escape($"Saved {target}. Try:"));
        screen.Line(Markup.Escape($"  stemma {(trouble is null ? model.Use : model.UseWithoutTokenizer).Replace("{0}", target, StringComparison.Ordinal)}"));
    }
}
