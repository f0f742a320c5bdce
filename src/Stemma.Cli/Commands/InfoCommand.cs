using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Models;
using Stemma.Models.Mixture;
using Stemma.Models.NGram;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Text.Tokenizers;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma info</c>: what a run, a model's folder, a tokenizer or a file of weights holds.</summary>
internal static class InfoCommand
{
    public static Command Create(CommandContext context)
    {
        var path = new Argument<string>("path") { Description = "A run, a Hugging Face folder, a tokenizer.json, a .safetensors file, or a .tokens file (a run's data/train.tokens)." };
        var norms = new Option<bool>("--norms") { Description = "Of a model: each weight's norms (L1, Frobenius, spectral, nuclear). Takes seconds for a small model, minutes for a large one." };
        var graph = new Option<string>("--graph") { HelpName = "file", Description = "Of a model: write what the loss of one sequence is computed from, as .svg, .dot (Graphviz) or .json." };
        var lowRank = new Option<string>("--low-rank") { HelpName = "file", Description = "Of a run: perplexity of its held-out text against the rank that is kept of its matrices, as .svg." };
        var window = new Option<int?>("--context") { HelpName = "number", Description = "Of a .tokens file: the context length that padding and packing are compared at. [default: 256]" };
        var json = Options.Json();
        var command = new Command("info", "Show what a run, a model, a tokenizer or a file of weights or tokens holds.") { path, norms, graph, lowRank, window, json };
        command.SetAction((parsed, cancellation) => Task.Run(
            () => parsed.GetValue(lowRank) is { } file
                ? LowRank(context, parsed.GetValue(path)!, file, parsed.GetValue(norms) || parsed.GetValue(graph) is not null || parsed.GetValue(window) is not null, parsed.GetValue(json), cancellation)
                : Run(context, parsed.GetValue(path)!, parsed.GetValue(norms), parsed.GetValue(graph), parsed.GetValue(window), parsed.GetValue(json)), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string path, bool norms, string? graph, int? contextLength, bool json)
    {
        if (contextLength < 1) throw new MisuseException($"--context is {contextLength}; it must be at least 1.");
        if (path.EndsWith(".tokens", StringComparison.OrdinalIgnoreCase) && !norms && graph is null) return TokensInfo.Show(context, path, contextLength ?? 256, json);
        if (contextLength is not null) throw new MisuseException($"--context belongs to a .tokens file; {path} is none.");
        if (Directory.Exists(path) && File.Exists(Path.Combine(path, "config.json")))
            return FolderModel.IsEncoder(path) ? EncoderInfo.Show(context, path, norms, graph, json) : PairInfo.Is(path) ? PairInfo.Show(context, path, norms, graph, json) : graph is not null ? LossGraph.Write(context, path, graph, norms, json) : Model(context, path, norms, json);
        if (norms) throw new MisuseException($"--norms are those of a model's weights; {path} is not the folder of a model.");
        if (graph is not null) throw new MisuseException($"--graph is that of a model's loss; {path} is not the folder of a model.");
        if (Directory.Exists(path))
        {
            if (TokenizerFolder.Find(path) is not null) return OfTokenizer(context, path, json);
            throw new MisuseException($"{path} holds neither a model (config.json) nor a tokenizer (tokenizer.json or tokenizer.model).");
        }

        if (!File.Exists(path)) throw new MisuseException($"There is no file or folder {path}.");
        return path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) ? Weights(context, path, json)
            : IsTokenizer(path) ? OfTokenizer(context, path, json)
            : throw new MisuseException($"{path} is neither a .safetensors file nor a tokenizer.json. Info takes these, a .tokens file, or a folder that holds a model.");
    }

    private static int LowRank(CommandContext context, string path, string file, bool hasOthers, bool json, CancellationToken cancellation)
    {
        if (hasOthers) throw new MisuseException("--low-rank writes a figure of its own; leave --norms, --graph and --context out.");
        if (!File.Exists(Path.Combine(path, "config.json"))) throw new MisuseException($"--low-rank is that of a model's matrices; {path} is not the folder of a model.");
        return LowRankInfo.Write(context, path, file, json, cancellation);
    }

    private static int Model(CommandContext context, string folder, bool norms, bool json)
    {
        // Others' folders may have a tokenizer that cannot be read, or none: their weights are shown all the same.
        var (_, trouble) = ImportCommand.Tokenizer(folder, int.MaxValue);
        if (trouble is not null && ModelFolder.TypeOf(folder) is not (NGramCheckpoint.ModelType or MixtureCheckpoint.ModelType))
            return Neural(context, folder, ModelFolder.Load(folder, Device.CreateCpu(1)), null, trouble, norms, json);
        using var loaded = LanguageModel.Load(folder, Device.CreateCpu(1));
        if (loaded.Model is NGramModel counts)
        {
            if (norms) throw new MisuseException($"--norms are those of weights; {folder} holds an n-gram model, which has none.");
            return NGramInfo.Show(context, folder, counts, $"{TokenizerDescription.Kind(loaded.Tokenizer)}, {Quantity.Of(loaded.Tokenizer.VocabSize, "token")}", json);
        }
        if (loaded.Model is MixtureModel mixture)
        {
            if (norms) throw new MisuseException($"--norms are those of weights; {folder} holds a mixture of models. Ask for those of a part, such as {Path.Combine(folder, "part-0")}.");
            return MixtureInfo.Show(context, mixture, $"{TokenizerDescription.Kind(loaded.Tokenizer)}, {Quantity.Of(loaded.Tokenizer.VocabSize, "token")}", json);
        }
        return Neural(context, folder, (NeuralLanguageModel)loaded.Model, loaded.Tokenizer, null, norms, json);
    }

    private static int Neural(CommandContext context, string folder, NeuralLanguageModel model, Tokenizer? tokenizer, string? trouble, bool norms, bool json)
    {
        var parameters = model.Parameters.Sum(weight => (long)weight.Shape.Count);
        var training = model.TrainingFlopsPerToken(model.Config.ContextLength);
        var bytes = Directory.EnumerateFiles(folder, "*.safetensors").Where(file => Path.GetFileName(file).StartsWith("model", StringComparison.Ordinal)).Sum(file => new FileInfo(file).Length);
        var run = RunSummary.Read(folder);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("model", ModelDescription.Of(model.Config));
                writer.WriteNumber("vocab_size", model.VocabSize);
                writer.WriteNumber("context_length", model.Config.ContextLength);
                writer.WriteNumber("parameters", parameters);
                writer.WriteNumber("weights_bytes", bytes);
                writer.WriteNumber("training_flops_per_token", training);
                writer.WriteNumber("inference_flops_per_token", training / 3);
                if (tokenizer is null)
                {
                    writer.WriteString("tokenizer_trouble", trouble);
                }
                else
                {
                    writer.WriteNumber("tokenizer_vocab_size", tokenizer.VocabSize);
                    writer.WriteString("tokenizer_hash", tokenizer.Hash);
                }
                run?.Write(writer);
                if (norms) WeightNorms.Write(writer, model);
            });
            return ExitCode.Success;
        }

        var screen = context.Screen(json);
        screen.Line($"[bold]Model[/]      {Markup.Escape(ModelDescription.Of(model.Config))}, vocabulary {model.VocabSize:N0}");
        screen.Line($"[bold]Size[/]       {Quantity.Count(parameters)} parameters ({parameters:N0}); weights {Quantity.Bytes(bytes)}");
        screen.Line($"[bold]Compute[/]    {Quantity.Count(training)}FLOP per token to train, {Quantity.Count(training / 3)}FLOP to run, at full context");
        screen.Line($"[bold]Tokenizer[/]  {(tokenizer is null ? Markup.Escape($"none, it takes token ids: {trouble}") : $"{TokenizerDescription.Kind(tokenizer)}, {Quantity.Of(tokenizer.VocabSize, "token")}")}");
        if (run is not null) run.Write(screen);
        screen.Line();
        if (norms)
        {
            WeightNorms.Write(screen, model);
            return ExitCode.Success;
        }

        screen.Table(
            ["weight", "shape", "parameters"],
            [.. model.Parameters.Select(weight => (string[])[weight.Name, weight.Shape.ToString(), weight.Shape.Count.ToString("N0")])], 2);
        return ExitCode.Success;
    }

    private static bool IsTokenizer(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Array.Exists([".json", ".tiktoken", ".model", ".txt", ".bpe"], ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
    }

    private static int OfTokenizer(CommandContext context, string path, bool json)
    {
        var tokenizer = TokenizerSource.Load(path);
        var special = tokenizer.SpecialTokens.OrderBy(token => token.Value).ToArray();
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("tokenizer", TokenizerDescription.Kind(tokenizer));
                writer.WriteNumber("vocab_size", tokenizer.VocabSize);
                writer.WriteString("hash", tokenizer.Hash);
                writer.WriteStartObject("special_tokens");
                foreach (var (spelling, id) in special) writer.WriteNumber(spelling, id);
                writer.WriteEndObject();
            });
            return ExitCode.Success;
        }

        var screen = context.Screen(json);
        screen.Line($"[bold]Tokenizer[/]  {TokenizerDescription.Kind(tokenizer)}, {Quantity.Of(tokenizer.VocabSize, "token")}");
        screen.Line($"[bold]Special[/]    {(special.Length == 0 ? "none" : Markup.Escape(string.Join(", ", special.Select(token => $"{token.Key} = {token.Value}"))))}");
        var longest = Enumerable.Range(0, tokenizer.VocabSize).Except(special.Select(token => token.Value)).OrderByDescending(id => tokenizer.Bytes(id).Length).ThenBy(id => id).Take(8);
        screen.Line($"[bold]Longest[/]    {Markup.Escape(string.Join("  ", longest.Select(tokenizer.Piece)))}");
        screen.Line($"[bold]Hash[/]       {tokenizer.Hash}");
        return ExitCode.Success;
    }

    private static int Weights(CommandContext context, string path, bool json)
    {
        using var file = SafetensorsFile.Open(path);
        var (count, bytes) = (file.Tensors.Sum(tensor => tensor.Shape.Count), file.Tensors.Sum(tensor => tensor.ByteLength));
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteNumber("parameters", count);
                writer.WriteNumber("bytes", bytes);
                writer.WriteStartObject("metadata");
                foreach (var (key, value) in file.Metadata) writer.WriteString(key, value);
                writer.WriteEndObject();
                writer.WriteStartArray("tensors");
                foreach (var tensor in file.Tensors) Write(writer, tensor);
                writer.WriteEndArray();
            });
            return ExitCode.Success;
        }

        var screen = context.Screen(json);
        screen.Line($"[bold]{Quantity.Of(file.Tensors.Count, "tensor")}[/], {Quantity.Count(count)} numbers ({count:N0}), {Quantity.Bytes(bytes)}");
        foreach (var (key, value) in file.Metadata) screen.Line($"[dim]{Markup.Escape(key)}: {Markup.Escape(value.Length > 100 ? value[..100] + "…" : value)}[/]");
        screen.Table(
            ["tensor", "type", "shape", "bytes"],
            [.. file.Tensors.Select(tensor => (string[])[tensor.Name, tensor.Type.ToString(), tensor.Shape.ToString(), tensor.ByteLength.ToString("N0")])], 3);
        return ExitCode.Success;
    }

    private static void Write(Utf8JsonWriter writer, SafetensorsTensor tensor)
    {
        writer.WriteStartObject();
        writer.WriteString("name", tensor.Name);
        writer.WriteString("type", tensor.Type.ToString());
        writer.WriteStartArray("shape");
        for (var axis = 0; axis < tensor.Shape.Rank; axis++) writer.WriteNumberValue(tensor.Shape[axis]);
        writer.WriteEndArray();
        writer.WriteNumber("bytes", tensor.ByteLength);
        writer.WriteEndObject();
    }
}
