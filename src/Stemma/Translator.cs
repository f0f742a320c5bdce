using Stemma.Generation;
using Stemma.Models;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;
using Stemma.Text.Tokenizers;

namespace Stemma;

/// <summary>An encoder–decoder and its tokenizers: a text in, texts that belong to it out.</summary>
/// <example><code>
/// var translator = Translator.Load("runs/multi30k");
/// Console.WriteLine(translator.Translate("Ein Hund läuft über das Gras.")[0].Text);
/// </code></example>
public sealed class Translator(IConditionalModel model, PairTokens tokens)
{
    /// <summary>The model.</summary>
    public IConditionalModel Model { get; } = model;

    /// <summary>Its tokenizers.</summary>
    public PairTokens Tokens { get; } = tokens;

    /// <summary>Loads a folder that <c>stemma translate train</c> made, or a T5 or BART in the form of Hugging Face with its <c>tokenizer.json</c>.</summary>
    /// <exception cref="CheckpointException">A file is missing or broken, or they do not fit together.</exception>
    public static Translator Load(string folder, Device? device = null)
    {
        if (EncoderDecoderCheckpoint.Families.Contains(ModelFolder.TypeOf(folder)))
        {
            var published = EncoderDecoderCheckpoint.Load(folder, device);
            return new(published, EncoderDecoderCheckpoint.Tokens(folder, published.Config));
        }
        var (model, tokens) = ConditionalCheckpoint.Load(folder, device ?? Device.Cpu);
        return new(model, tokens);
    }

    /// <summary>The best translations of a text.</summary>
    /// <param name="text">A line.</param>
    /// <param name="search">How to look for them; a beam of 5 when null.</param>
    /// <returns>The best first.</returns>
    public IReadOnlyList<Translation> Translate(string text, BeamSearch? search = null)
    {
        var source = Tokens.EncodeSource(text);
        using var scope = Memory.Scope();
        var found = (search ?? new()).Search(Model.Given(source), new[] { Tokens.TargetStart }, Tokens.TargetEnd, Tokens.TargetVocabSize);
        return [.. found.Select(hypothesis => new Translation(Tokens.Decode(hypothesis.Tokens), hypothesis, Pieces(Tokens.Source, source, Tokens.SourceEnd), Pieces(Tokens.Target, [.. hypothesis.Tokens, Tokens.TargetEnd], Tokens.TargetEnd)))];
    }

    /// <summary>A translation drawn token by token.</summary>
    /// <param name="text">A line.</param>
    /// <param name="options">Temperature, top-k, top-p, the most tokens, the seed.</param>
    public string Sample(string text, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = Memory.Scope();
        var random = new RandomStream(options.Seed).Fork("generation");
        var tokens = Generator.Continue(Model.Given(Tokens.EncodeSource(text)), [Tokens.TargetStart], options.BuildSampler(), random, Tokens.TargetVocabSize);
        return Tokens.Decode([.. tokens.Take(options.MaxTokens).TakeWhile(token => token != Tokens.TargetEnd)]);
    }

    private static string[] Pieces(Tokenizer tokenizer, int[] ids, int end) =>
        [.. ids.Select(id => id == end ? "⏎" : System.Text.Encoding.UTF8.GetString(tokenizer.Bytes(id)))];
}

/// <summary>What belongs to a text.</summary>
/// <param name="Text">The translation.</param>
/// <param name="Hypothesis">Its tokens, score and alignment.</param>
/// <param name="SourcePieces">The source's tokens as text, the end last.</param>
/// <param name="TargetPieces">Its own tokens as text, the end last.</param>
public sealed record Translation(string Text, Hypothesis Hypothesis, IReadOnlyList<string> SourcePieces, IReadOnlyList<string> TargetPieces);
