using System.Runtime.CompilerServices;
using Stemma.Evaluation;
using Stemma.Generation;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;

namespace Stemma;

/// <summary>A model and its tokenizer: text in, text out.</summary>
/// <example><code>
/// using var model = await LanguageModel.LoadAsync("runs/dotnet-docs-1");
/// await foreach (var text in model.GenerateAsync("Gets or sets the", new() { MaxTokens = 60, Temperature = 0.8 }))
///     Console.Write(text);
/// </code></example>
public sealed class LanguageModel(ILanguageModel model, Tokenizer tokenizer) : ITextScorer, IDisposable
{
    /// <summary>The model.</summary>
    public ILanguageModel Model { get; } = model;

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer { get; } = tokenizer;

    /// <summary>Loads a run folder or a Hugging Face folder.</summary>
    /// <param name="folder">Holds <c>config.json</c>, <c>model.safetensors</c> and <c>tokenizer.json</c>.</param>
    /// <param name="device">Where the model computes; the processor when null.</param>
    /// <exception cref="FileNotFoundException">The folder or one of its files is missing.</exception>
    /// <exception cref="CheckpointException">The files do not fit together.</exception>
    public static Task<LanguageModel> LoadAsync(string folder, Device? device = null) => Task.Run(() => Load(folder, device));

    /// <inheritdoc cref="LoadAsync"/>
    public static LanguageModel Load(string folder, Device? device = null)
    {
        var model = ModelFolder.Open(folder, device ?? Device.Cpu);
        var tokenizer = Tokenizer.Load(folder);
        if (tokenizer.VocabSize > model.VocabSize)
            throw new CheckpointException($"The tokenizer in {folder} has {tokenizer.VocabSize} tokens, its model {model.VocabSize}: they do not belong together.");
        if (ModelFolder.TokenizerHash(folder) is { } hash && hash != tokenizer.Hash)
            throw new CheckpointException($"The tokenizer in {folder} is not the one that its model was trained with: they do not belong together. Put the model's own tokenizer.json back.");
        return new(model, tokenizer);
    }

    /// <summary>Continues a prompt. The pieces never break a character.</summary>
    /// <param name="prompt">May be empty where the tokenizer has an end-of-text token.</param>
    /// <param name="options">How; the defaults when null.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    /// <exception cref="ConfigurationException">An option is out of range, or the prompt is empty and there is nothing to start from.</exception>
    public async IAsyncEnumerable<string> GenerateAsync(string prompt, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        options ??= new();
        foreach (var text in Generate(prompt, options))
        {
            if (text.Length > 0) yield return text;
            if (cancellation.IsCancellationRequested) yield break;
            await Task.Yield();
        }
    }

    /// <inheritdoc cref="GenerateAsync"/>
    /// <returns>One piece per token, empty where a character is not complete yet.</returns>
    public IEnumerable<string> Generate(string prompt, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var sampler = options.BuildSampler();
        var tokens = Tokenizer.Encode(prompt);
        if (tokens.Length == 0)
            tokens = Tokenizer.EndOfText is { } end ? [end] : throw new ConfigurationException("The prompt is empty, and this tokenizer has no end-of-text token to start from. Give a prompt.");
        return Pieces(tokens, sampler, options);
    }

    /// <inheritdoc/>
    public double NatsPerByte(string text) =>
        Evaluator.Evaluate(Model, Tokenizer, new InMemoryCorpus("text", [new Document("text", text)])).BitsPerByte * Math.Log(2);

    /// <summary>Returns the model's memory.</summary>
    public void Dispose() => (Model as IDisposable)?.Dispose();

    private IEnumerable<string> Pieces(int[] prompt, Sampler sampler, GenerationOptions options)
    {
        var decoder = new StreamingDecoder(Tokenizer);
        var stops = new StopTexts(options.Stop);
        var endOfText = options.StopAtEndOfText ? Tokenizer.EndOfText : null;
        var random = new RandomStream(options.Seed).Fork("generation");
        foreach (var token in Generator.Continue(Model, prompt, sampler, random, Tokenizer.VocabSize).Take(options.MaxTokens))
        {
            if (token == endOfText || options.EndTokens.Contains(token)) break;
            yield return stops.Append(decoder.Append(token));
            if (stops.Stopped) yield break;
        }
        yield return stops.Append(decoder.Flush()) + stops.Flush();
    }
}
