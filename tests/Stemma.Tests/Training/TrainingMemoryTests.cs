using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Training;

/// <summary>Runs alone: it watches the whole process.</summary>
[Collection(Alone.Name)]
public sealed class TrainingMemoryTests : IDisposable
{
    private readonly TinyRun _tiny = new();

    [Fact]
    public async Task The_memory_of_many_steps_is_flat()
    {
        using var session = TrainingSession.Start(_tiny.Run with { Steps = 1500, EvaluationInterval = 0, Model = ((Gpt2Config)_tiny.Run.Model) with { LayerCount = 1, HiddenSize = 16 } });
        (long Managed, long Tensors) early = default, late = default;
        await foreach (var step in session.Steps(TestContext.Current.CancellationToken))
        {
            if (step.Number == 300) early = Settled();
            if (step.Number == 1400) late = Settled();
        }
        Assert.True(late.Managed < early.Managed + (1 << 20), $"{early.Managed} managed bytes after 300 steps, {late.Managed} after 1,400.");
        Assert.True(late.Tensors < early.Tensors + (1 << 20), $"{early.Tensors} bytes of tensors after 300 steps, {late.Tensors} after 1,400.");

        static (long, long) Settled() => (GC.GetTotalMemory(forceFullCollection: true), Memory.UsedBytes);
    }

    public void Dispose() => _tiny.Dispose();
}
