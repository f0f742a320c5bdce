using Stemma.Layers;
using Stemma.Models.Electra;
using Stemma.Models.Heads;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Training.Encoders;

/// <summary>
/// ELECTRA's two models: a generator that fills masks by drawing from its own distribution, and a discriminator that tells for each token
/// whether it was replaced. They share the embeddings. Clark et al. 2020, arXiv:2003.10555, section 2.
/// </summary>
public sealed class ElectraPair
{
    private readonly double _weight;

    /// <summary>Builds both.</summary>
    /// <param name="config">The discriminator's sizes.</param>
    /// <param name="generatorShare">The generator's channels, heads and inner channels as a share of them.</param>
    /// <param name="weight">λ.</param>
    /// <param name="seed">Of the weights.</param>
    /// <param name="device">Where they go.</param>
    public ElectraPair(ElectraConfig config, double generatorShare, double weight, ulong seed, Device device)
    {
        ArgumentNullException.ThrowIfNull(config);
        _weight = weight;
        Discriminator = new(config, new Weights(new InitialWeights(seed), device));
        var shared = Discriminator.Encoder.Parameters.Where(parameter => parameter.Name.StartsWith("electra.embeddings.", StringComparison.Ordinal)).ToDictionary(parameter => parameter.Name);
        var heads = Math.Max(1, (int)Math.Round(config.HeadCount * generatorShare));
        var small = config with
        {
            HeadCount = heads,
            HiddenSize = heads * (config.HiddenSize / config.HeadCount),
            IntermediateSize = Math.Max(1, (int)Math.Round(config.IntermediateSize * generatorShare)),
        };
        Generator = new(small, new SharedWeights(new Weights(new InitialWeights(seed + 1), device), shared));
        Parameters = [.. Discriminator.Parameters, .. Generator.Parameters.Select(parameter => parameter with { Name = "generator." + parameter.Name })];
    }

    /// <summary>What is kept and fine-tuned.</summary>
    public ReplacedTokenDetector Discriminator { get; }

    /// <summary>What makes the text that it reads.</summary>
    public MaskedLanguageModel Generator { get; }

    /// <summary>Of both, the shared ones once.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Generator's loss + λ · discriminator's, and what the discriminator read.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="masked">The text with masks.</param>
    /// <param name="targets">What stood behind them; <see cref="TensorOps.IgnoreIndex"/> elsewhere.</param>
    /// <param name="layout">Where texts begin and end.</param>
    /// <param name="draws">Draws the replacements.</param>
    /// <param name="dropout">Null outside training.</param>
    public ElectraLoss Loss(int[] tokens, int[] masked, int[] targets, SequenceLayout layout, RandomStream draws, RandomStream? dropout)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(targets);
        var device = Discriminator.Device;
        int[] places = [.. targets.Index().Where(target => target.Item != TensorOps.IgnoreIndex).Select(target => target.Index)];
        var hidden = Generator.Encoder.Encode(Tensor.From(masked, [masked.Length], device), null, new(layout, Dropout: dropout?.Fork("generator")));
        var logits = Generator.Project(hidden.Gather(Tensor.From(places, [places.Length], device)));
        var generated = logits.CrossEntropy(Tensor.From([.. places.Select(place => targets[place])], [places.Length], device));

        var read = (int[])tokens.Clone();
        // The generator is not trained to deceive: nothing flows back through the draw.
        using (Tape.Pause())
        {
            var probabilities = logits.Detach().Softmax().ToArray<float>();
            var size = logits.Shape[1];
            for (var i = 0; i < places.Length; i++) read[places[i]] = Draw(probabilities.AsSpan(i * size, size), draws.Uniform((ulong)i));
        }
        int[] replaced = [.. read.Zip(tokens, (now, before) => now == before ? 0 : 1)];
        var detected = Discriminator.Loss(Tensor.From(read, [read.Length], device), null, replaced, new(layout, Dropout: dropout?.Fork("discriminator")));
        return new(generated + detected * _weight, generated, detected, read, replaced);
    }

    private static int Draw(ReadOnlySpan<float> probabilities, double left)
    {
        for (var token = 0; token < probabilities.Length; token++)
            if ((left -= probabilities[token]) < 0) return token;
        return probabilities.LastIndexOfAnyExcept(0f);
    }
}

/// <summary>A step of ELECTRA.</summary>
/// <param name="Total">What is minimised.</param>
/// <param name="Generator">Nats per masked token.</param>
/// <param name="Discriminator">Nats per token.</param>
/// <param name="Read">The text with the generator's replacements.</param>
/// <param name="Replaced">1 where a token is not the text's own; a generator that guesses right has replaced nothing.</param>
public sealed record ElectraLoss(Tensor Total, Tensor Generator, Tensor Discriminator, int[] Read, int[] Replaced);
