using System.Diagnostics;
using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

namespace Stemma.Bench;

/// <summary>
/// A training step of a preset, alternating with any other program's: <c>train --preset cpu --peer "peer.sh cpu fp32"</c>. The
/// peer prints one JSON line with <c>median_ms</c>, milliseconds per step, as its last line of output.
/// </summary>
internal static class TrainBench
{
    public static int Run(string[] args)
    {
        var options = new Options(args);
        var (config, batch) = options.Text("--preset", "cpu") switch
        {
            "cpu" => (Gpt2Config.Tiny with { VocabSize = 65 }, 12),
            "baby" => (Gpt2Config.Baby with { VocabSize = 65 }, 64),
            "gpt2" => (Gpt2Config.Small with { VocabSize = 50304, ContextLength = 64 }, 4),
            "gpt2-256" => (Gpt2Config.Small with { VocabSize = 50304, ContextLength = 256 }, 4),
            var other => throw new ArgumentException($"There is no preset {other}; choose cpu, baby, gpt2 or gpt2-256."),
        };
        var precision = options.Precision();
        int rounds = options.Number("--rounds", 5), steps = options.Number("--steps", 20), threads = options.Number("--threads", 2);
        var peer = options.Text("--peer", "");
        options.RequireAllUsed();

        var trainer = new StepTimer(config, batch, Device.CreateCpu(threads, precision));
        trainer.Time(3);
        Alternation.Run(trainer.Time, rounds, steps, batch * config.ContextLength, trainer.Flops, peer);
        return 0;
    }

    /// <summary>A step is forward, mean cross-entropy, backward, clipping to norm 1, AdamW: what a trainer does between two batches.</summary>
    private sealed class StepTimer
    {
        private readonly Gpt2Model _model;
        private readonly Optimizer _optimizer;
        private readonly Gpt2Config _config;
        private readonly int _batch;
        private readonly RandomStream _random = new(1337);
        private ulong _step;

        public StepTimer(Gpt2Config config, int batch, Device device)
        {
            (_config, _batch) = (config, batch);
            _model = new(config, new Weights(new InitialWeights(1337), device));
            _optimizer = new AdamWConfig().Build(_model.Parameters);
        }

        public double Flops => _model.TrainingFlopsPerToken(_config.ContextLength) * _batch * _config.ContextLength;

        public List<double> Time(int steps)
        {
            var times = new List<double>();
            for (var i = 0; i < steps; i++)
            {
                var ids = new int[_batch * _config.ContextLength + 1];
                for (var k = 0; k < ids.Length; k++) ids[k] = (int)_random.Fork(_step).Below(_config.VocabSize, (ulong)k);
                var watch = Stopwatch.StartNew();
                using (var tape = Tape.Start())
                {
                    var inputs = Tensor.From<int>(ids.AsSpan(0, ids.Length - 1), [ids.Length - 1], _model.Device);
                    var targets = Tensor.From<int>(ids.AsSpan(1), [ids.Length - 1], _model.Device);
                    var loss = _model.Loss(inputs, targets, new Pass(SequenceLayout.Batch(_batch, _config.ContextLength), Dropout: _random.Fork(_step)));
                    _optimizer.Step(tape.Backward(loss).ClipNorm(1), 1e-3);
                }
                times.Add(watch.Elapsed.TotalMilliseconds);
                _step++;
            }
            return times;
        }
    }
}
