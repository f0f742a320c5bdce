using System.Globalization;
using Stemma.Cli.Output;
using Stemma.Generation;
using Stemma.Models;
using Stemma.Numerics;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma generate --tokens</c>: continue token ids, for a model whose tokenizer cannot be read.</summary>
internal static class TokenGeneration
{
    public static int Run(CommandContext context, string folder, string tokens, GenerationOptions options, Device device, bool json, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder)) throw new MisuseException($"There is no folder {folder}.");
        if (options.Stop.Count > 0) throw new MisuseException("--stop is a text, and --tokens continues token ids: leave one of them out.");
        var model = ModelFolder.Open(folder, device);
        var prompt = Parse(tokens, model.VocabSize);
        if (model.ContextLength is { } most && prompt.Length > most) throw new MisuseException($"--tokens holds {prompt.Length} ids; this model's context has room for {most}.");
        var random = new RandomStream(options.Seed).Fork("generation");
        int[] added = [.. Generator.Continue(model, prompt, options.BuildSampler(), random, model.VocabSize).Take(options.MaxTokens).TakeWhile(_ => !cancellation.IsCancellationRequested)];
        if (!json)
        {
            context.Output.WriteLine(string.Join(' ', added));
            return cancellation.IsCancellationRequested ? ExitCode.Failed : ExitCode.Success;
        }
        Json.WriteObject(context.Output, writer =>
        {
            Write("prompt_tokens", prompt);
            Write("tokens", added);
            writer.WriteNumber("seed", options.Seed);

            void Write(string name, int[] ids)
            {
                writer.WriteStartArray(name);
                foreach (var id in ids) writer.WriteNumberValue(id);
                writer.WriteEndArray();
            }
        });
        return cancellation.IsCancellationRequested ? ExitCode.Failed : ExitCode.Success;
    }

    private static int[] Parse(string text, int vocabSize)
    {
        var ids = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < vocabSize
            ? id
            : throw new MisuseException($"--tokens holds \"{part}\"; it is a list of token ids from 0 to {vocabSize - 1}.")).ToArray();
        return ids.Length > 0 ? ids : throw new MisuseException("--tokens is empty; give token ids such as \"1 2 3\".");
    }
}
