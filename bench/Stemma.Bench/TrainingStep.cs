using System.Diagnostics;
using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

namespace Stemma.Bench;

/// <summary>A step is forward, mean cross-entropy, backward, clipping to norm 1, AdamW: what a trainer does between two batches.</summary>
internal sealed class TrainingStep
{
    private readonly Gpt2Model _model;
    private readonly Optimizer _optimizer;
    private readonly Gpt2Config _config;
    private readonly int _batch;
    private readonly SequenceLayout _layout;
    private readonly RandomStream _random = new(1337);
    private ulong _step;

    public TrainingStep(Gpt2Config config, int batch, Device device)
    {
        (_config, _batch, _layout) = (config, batch, SequenceLayout.Batch(batch, config.ContextLength));
        _model = new(config, new Weights(new InitialWeights(1337), device));
        _optimizer = new AdamWConfig().Build(_model.Parameters);
    }

    public double Flops => _model.TrainingFlopsPerToken(_config.ContextLength) * _batch * _config.ContextLength;

    /// <summary>The peers' presets: a configuration and its sequences per step.</summary>
    public static (Gpt2Config Config, int Batch) Preset(string name) => name switch
    {
        "cpu" => (Gpt2Config.Tiny with { VocabSize = 65 }, 12),
        "baby" => (Gpt2Config.Baby with { VocabSize = 65 }, 64),
        "gpt2" => (Gpt2Config.Small with { VocabSize = 50304, ContextLength = 64 }, 4),
        "gpt2-256" => (Gpt2Config.Small with { VocabSize = 50304, ContextLength = 256 }, 4),
        _ => throw new ArgumentException($"There is no preset {name}; choose cpu, baby, gpt2 or gpt2-256."),
    };

    public List<double> Time(int steps)
    {
        var times = new List<double>();
        var ids = new int[_batch * _config.ContextLength + 1];
        for (var i = 0; i < steps; i++)
        {
            for (var k = 0; k < ids.Length; k++) ids[k] = (int)_random.Fork(_step).Below(_config.VocabSize, (ulong)k);
            var watch = Stopwatch.StartNew();
            using (var tape = Tape.Start())
            {
                var inputs = Tensor.From<int>(ids.AsSpan(0, ids.Length - 1), [ids.Length - 1], _model.Device);
                var targets = Tensor.From<int>(ids.AsSpan(1), [ids.Length - 1], _model.Device);
                var loss = _model.Loss(inputs, targets, new Pass(_layout, Dropout: _random.Fork(_step)));
                _optimizer.Step(tape.Backward(loss).ClipNorm(1), 1e-3);
            }
            times.Add(watch.Elapsed.TotalMilliseconds);
            _step++;
        }
        return times;
    }
}
