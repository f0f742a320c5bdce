using System.Security.Cryptography;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;

namespace Stemma.Training.Pairs;

/// <summary>A run of pairs that goes on from a T5 or BART: its tokens, its model, and how the result is kept.</summary>
internal static class PretrainedPairs
{
    /// <summary>The folder's tokens; null where the run is a new model's.</summary>
    /// <exception cref="ConfigurationException">There is no such folder.</exception>
    public static PairTokens? Tokens(PairRun run)
    {
        if (run.Pretrained.Length == 0) return null;
        if (!Directory.Exists(run.Pretrained)) throw new ConfigurationException($"There is no folder {run.Pretrained}.");
        return EncoderDecoderCheckpoint.Tokens(run.Pretrained, EncoderDecoderCheckpoint.ReadConfig(run.Pretrained));
    }

    /// <summary>The folder's model, or one of its sizes with new weights.</summary>
    public static ConditionalModel Model(PairRun run, Device device) => run.FromScratch
        ? EncoderDecoderCheckpoint.ReadConfig(run.Pretrained).Build(new Weights(new InitialWeights(run.Seed), device))
        : EncoderDecoderCheckpoint.Load(run.Pretrained, device);

    /// <summary>What tells whether the folder is still the one that a run began with.</summary>
    public static string Fingerprint(PairRun run) =>
        run.Pretrained.Length == 0 ? "" : Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(run.Pretrained, CheckpointFiles.Weights))));
}
