using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Training;

namespace Stemma.Bench.Claims;

/// <summary>
/// Memory of a training step with and without checkpoints (Chen et al. 2016, arXiv:1604.06174), planned; that the gradients are the same bits, and
/// the bytes less when measured, are tests: CheckpointingTests, Gpt2InvarianceTests.
/// </summary>
internal static class CheckpointingClaim
{
    public static void Run(ClaimSheet sheet)
    {
        var run = new TrainingRun { BatchSize = 64, Model = Gpt2Config.Baby with { VocabSize = 65 } };
        foreach (var precision in Enum.GetValues<ComputePrecision>())
        {
            var (all, less) = (TrainingPlan.Of(run with { Precision = precision }), TrainingPlan.Of(run with { Precision = precision, Checkpointing = true }));
            Console.WriteLine($"    baby, 64 × 256 tokens, {precision}: activations {all.ActivationBytes / 1e6:N0} MB, {less.ActivationBytes / 1e6:N0} MB with checkpoints; at most {all.PeakBytes / 1e6:N0} and {less.PeakBytes / 1e6:N0} MB at once");
        }
        var model = (Gpt2Config)run.Model;
        Console.WriteLine($"    the weights of attention, which tiles never store, would add {(double)model.LayerCount * model.HeadCount * run.BatchSize * model.ContextLength * model.ContextLength * sizeof(float) / 1e6:N0} MB");
    }
}
