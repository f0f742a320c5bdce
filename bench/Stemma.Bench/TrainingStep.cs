using System.Diagnostics;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Optimizers;

namespace Stemma.Bench;

/// <summary>A step is forward, mean cross-entropy, backward, clipping to norm 1, AdamW: what a trainer does between two batches.</summary>
internal abstract class TrainingStep(Device device, int vocab, int rows, Optimizer optimizer)
{
    private readonly RandomStream _random = new(1337);
    private ulong _step;

    /// <summary>Tokens of a step.</summary>
    public int Tokens => rows;

    /// <summary>Operations of a step.</summary>
    public abstract double Flops { get; }

    /// <summary>One of the presets.</summary>
    public static TrainingStep Preset(string name, Device device, bool checkpointing = false) => name switch
    {
        "docs" => new Gpt2Step(Gpt2Config.Tiny with { VocabSize = 4096, ContextLength = 256 }, 4, device, checkpointing),
        "cpu" => new Gpt2Step(Gpt2Config.Tiny with { VocabSize = 65 }, 12, device, checkpointing),
        "narrow" => new Gpt2Step(Gpt2Config.Baby with { VocabSize = 65, HiddenSize = 24, ContextLength = 16 }, 8, device, checkpointing),
        "baby" => new Gpt2Step(Gpt2Config.Baby with { VocabSize = 65 }, 64, device, checkpointing),
        "gpt2" => new Gpt2Step(Gpt2Config.Small with { VocabSize = 50304, ContextLength = 64 }, 4, device, checkpointing),
        "gpt2-256" => new Gpt2Step(Gpt2Config.Small with { VocabSize = 50304, ContextLength = 256 }, 4, device, checkpointing),
        "lstm" => !checkpointing ? new LstmStep(device) : throw new ArgumentException("An LSTM has no blocks to compute again; leave --checkpointing off."),
        _ => throw new ArgumentException($"There is no preset {name}; choose docs, cpu, baby, narrow (the operations of baby on few channels), gpt2, gpt2-256 or lstm."),
    };

    /// <summary>The milliseconds of each of so many steps.</summary>
    public List<double> Time(int steps)
    {
        var times = new List<double>();
        var ids = new int[rows + 1];
        for (var i = 0; i < steps; i++)
        {
            for (var k = 0; k < ids.Length; k++) ids[k] = (int)_random.Fork(_step).Below(vocab, (ulong)k);
            var watch = Stopwatch.StartNew();
            using (var tape = Tape.Start())
            {
                var inputs = Tensor.From<int>(ids.AsSpan(0, rows), [rows], device);
                var targets = Tensor.From<int>(ids.AsSpan(1), [rows], device);
                optimizer.Step(tape.Backward(Loss(inputs, targets, _random.Fork(_step))).ClipNorm(1), 1e-3);
            }
            times.Add(watch.Elapsed.TotalMilliseconds);
            _step++;
        }
        return times;
    }

    /// <summary>The mean cross-entropy of a batch.</summary>
    protected abstract Tensor Loss(Tensor inputs, Tensor targets, RandomStream random);
}
