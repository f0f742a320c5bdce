using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Stemma.Cli.Output;
using Stemma.Generation;
using Stemma.Numerics;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma generate</c>: continue a prompt.</summary>
internal static class GenerateCommand
{
    public static Command Create(CommandContext context)
    {
        var usual = new GenerationOptions();
        var folder = Options.Folder("A run, or a Hugging Face folder (config.json, model.safetensors, tokenizer.json).");
        var prompt = new Option<string>("--prompt") { Description = "What to continue; - reads it from standard input. [default: the start of a document]", HelpName = "text", DefaultValueFactory = _ => "" };
        var tokens = new Option<string?>("--tokens") { Description = "Token ids to continue instead of a text, and token ids come out: needs no tokenizer.", HelpName = "ids" };
        var maxTokens = Options.Number("--max-tokens", "The most tokens to add.", usual.MaxTokens, 0, int.MaxValue);
        var temperature = Options.Number("--temperature", "0 takes the likeliest token each time, 1 samples as the model says.", usual.Temperature, 0.0, double.MaxValue);
        var topK = Options.Number("--top-k", "Sample among this many likeliest tokens; 0 for all.", usual.TopK, 0, int.MaxValue);
        var topP = Options.Number("--top-p", "Sample among the likeliest tokens that together reach this probability.", usual.TopP, 0.0, 1.0);
        var seed = Options.Number("--seed", "Decides the draws: the same seed gives the same text.", usual.Seed, ulong.MinValue, ulong.MaxValue);
        var stop = new Option<string[]>("--stop") { Description = "A text that ends the continuation and is not part of it. Repeatable.", HelpName = "text", Arity = ArgumentArity.OneOrMore };
        var (threads, precision, json) = (Options.Threads(), Options.Precision(), Options.Json());
        var command = new Command("generate", "Continue a text.") { folder, prompt, tokens, maxTokens, temperature, topK, topP, seed, stop, threads, precision, json };
        command.SetAction((parsed, cancellation) =>
        {
            // What the model's makers say stands where nothing was given.
            var makers = GenerationOptions.Of(parsed.GetValue(folder)!);
            var options = makers.Options with
            {
                MaxTokens = Given(maxTokens, makers.Options.MaxTokens),
                Temperature = Given(temperature, makers.Options.Temperature),
                TopK = Given(topK, makers.Options.TopK),
                TopP = Given(topP, makers.Options.TopP),
                Seed = parsed.GetValue(seed),
                Stop = parsed.GetValue(stop) ?? [],
            };
            options.BuildSampler();
            if (makers.NotApplied.Count > 0) context.Error.WriteLine($"The folder's generation_config.json asks for {string.Join(", ", makers.NotApplied)}; that is not done here.");
            var device = Device.CreateCpu(parsed.GetValue(threads), parsed.GetValue(precision));
            if (parsed.GetValue(tokens) is { } ids)
            {
                if (parsed.GetValue(prompt)!.Length > 0) throw new MisuseException("--prompt and --tokens are two ways to say what to continue; leave one of them out.");
                return Task.Run(() => TokenGeneration.Run(context, parsed.GetValue(folder)!, ids, options, device, parsed.GetValue(json), cancellation), CancellationToken.None);
            }
            return RunAsync(context, parsed.GetValue(folder)!, parsed.GetValue(prompt)!, options, device, parsed.GetValue(json), cancellation);

            T Given<T>(Option<T> option, T otherwise) => parsed.GetResult(option) is { Implicit: false } ? parsed.GetValue(option)! : otherwise;
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, string folder, string prompt, GenerationOptions options, Device device, bool json, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder)) throw new MisuseException($"There is no folder {folder}.");
        if (prompt == "-")
        {
            using var reader = new StreamReader(context.OpenInput(), new UTF8Encoding(false, throwOnInvalidBytes: true));
            prompt = await ReadAsync(reader).ConfigureAwait(false);
        }

        using var model = await LanguageModel.LoadAsync(folder, device).ConfigureAwait(false);
        var (text, watch) = (new StringBuilder(), Stopwatch.StartNew());
        var first = true;
        await foreach (var piece in model.GenerateAsync(prompt, options, cancellation).ConfigureAwait(false))
        {
            text.Append(piece);
            if (json) continue;
            if (first) await context.Output.WriteAsync(prompt).ConfigureAwait(false);
            first = false;
            await context.Output.WriteAsync(piece).ConfigureAwait(false);
            await context.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }

        var seconds = watch.Elapsed.TotalSeconds;
        var tokens = model.Tokenizer.CountTokens(text.ToString());
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("prompt", prompt);
                writer.WriteString("text", text.ToString());
                writer.WriteNumber("tokens", tokens);
                writer.Number("tokens_per_second", Math.Round(tokens / seconds, 1));
                writer.WriteNumber("seed", options.Seed);
            });
        }
        else
        {
            if (first) await context.Output.WriteAsync(prompt).ConfigureAwait(false);
            await context.Output.WriteLineAsync().ConfigureAwait(false);
            if (context.ErrorIsTerminal) new Screen(context.Error, true, context.Width).Line($"[dim]{Quantity.Of(tokens, "token")}, {tokens / seconds:N0} tokens/s[/]");
        }

        return cancellation.IsCancellationRequested ? ExitCode.Failed : ExitCode.Success;
    }

    private static async Task<string> ReadAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadToEndAsync().ConfigureAwait(false);
        }
        catch (DecoderFallbackException)
        {
            throw new MisuseException("Standard input is not UTF-8; convert the prompt.");
        }
    }
}
