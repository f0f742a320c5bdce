using System.Diagnostics;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

namespace Stemma.Bench;

/// <summary>
/// A training step of a character LSTM (embedding 128, 2 × 512 units, batch 32, 128 steps, vocabulary 65), part by part and then whole,
/// alternating with any other program's: <c>lstm --peer "peer.sh lstm fp32"</c>.
/// </summary>
internal static class LstmBench
{
    private const int Vocab = 65, Embedding = 128, Units = 512, Batch = 32, Time = 128, Rows = Batch * Time;

    public static int Run(string[] args)
    {
        var options = new Options(args);
        var precision = options.Precision();
        int rounds = options.Number("--rounds", 5), steps = options.Number("--steps", 10), threads = options.Number("--threads", 2);
        var peer = options.Text("--peer", "");
        options.RequireAllUsed();
        var device = Device.CreateCpu(threads, precision);
        Parts(device);
        var trainer = new StepTimer(device);
        trainer.Time(3);
        Alternation.Run(trainer.Time, rounds, steps, Rows, StepTimer.Flops, peer);
        return 0;
    }

    /// <summary>Where the time goes: the parts of the second layer, and the optimizer.</summary>
    private static void Parts(Device device)
    {
        using var scope = Memory.Scope();
        var backend = device.Backend;
        Tensor x = Filled(Rows, Units), wx = Filled(4 * Units, Units), wh = Filled(4 * Units, Units), trace = Filled(Rows, 5 * Units);
        Tensor y = Filled(Rows + 2 * Batch, Units), dy = Filled(Rows + 2 * Batch, Units), state = Tensor.Zeros([Batch, Units], device: device), bias = Filled(4 * Units);
        Tensor gates = trace.Slice(1, 0, 4 * Units), memory = trace.Slice(1, 4 * Units, Units);
        var arguments = new RecurrentArguments(SequenceLayout.Batch(Batch, Time), wh * (1 / Math.Sqrt(Units)), bias, state, state);
        var square = 2.0 * Rows * 4 * Units * Units;
        using var pool = new WorkerPool(device.ThreadCount);
        (string Name, double Flops, Action Run)[] parts =
        [
            ("fused multiply-adds from registers", PeakWork.Float32.GigaFlop * 1e9 * device.ThreadCount, () => pool.Run(device.ThreadCount, PeakWork.Float32)),
            ("input projection", square, () => backend.MatMul(x, wx.Transposed, gates, bias, accumulate: false)),
            ("recurrence", square, () => backend.Recur<LstmCell>(arguments, gates, memory, y)),
            ("recurrence, there and back", 2 * square, () =>
            {
                backend.Recur<LstmCell>(arguments, gates, memory, y);
                backend.RecurGradient<LstmCell>(arguments, gates, memory, y, new(dy, null, null, bias, null));
            }),
            ("gradient of the input", square, () => backend.MatMul(gates, wx, x, null, accumulate: false)),
            ("gradient of a weight", square, () => backend.MatMul(gates.Transposed, x, wx, null, accumulate: false)),
        ];
        var times = Interleaved.Compare([.. parts.Select(part => part.Run)]);
        Console.WriteLine($"{device.ThreadCount} threads, {device.Precision}; median / best of {Interleaved.Rounds} interleaved rounds");
        for (var i = 0; i < parts.Length; i++)
            Console.WriteLine($"    {parts[i].Name,-36}{times[i].Median * 1e3,8:F2} / {times[i].Best * 1e3,8:F2} ms {parts[i].Flops * 1e-9 / times[i].Median,8:F0} / {parts[i].Flops * 1e-9 / times[i].Best,4:F0} GFLOP/s");
        var floor = StepTimer.Flops / (parts[0].Flops / times[0].Best);
        Console.WriteLine($"    a whole step has {StepTimer.Flops * 1e-9:F1} GFLOP: {floor * 1e3:F0} ms at the best rate of float32 registers; one step of one layer reads {4.0 * Units * Units * 4 / (1 << 20):F0} MiB of recurrent weights");

        Tensor Filled(params ReadOnlySpan<int> sizes)
        {
            var shape = Shape.Create(sizes);
            var random = new RandomStream(1337);
            var values = new float[shape.Count];
            for (var i = 0; i < values.Length; i++) values[i] = (float)(2 * random.Uniform((ulong)i) - 1);
            return Tensor.From(values, shape, device);
        }
    }

    /// <summary>A step is forward, mean cross-entropy, backward, clipping to norm 1, AdamW: what a trainer does between two batches.</summary>
    private sealed class StepTimer
    {
        private readonly Device _device;
        private readonly Embedding _embedding;
        private readonly Lstm _lstm;
        private readonly Linear _output;
        private readonly Optimizer _optimizer;
        private readonly RandomStream _random = new(1337);
        private ulong _step;

        public StepTimer(Device device)
        {
            _device = device;
            var weights = new Weights(new InitialWeights(1337), device);
            _embedding = new(weights["tokens"], Vocab, Embedding, new Initializer.Normal(1));
            _lstm = new(weights["lstm"], Embedding, Units, 2);
            _output = weights.Linear("out", Units, Vocab, new Initializer.Uniform(1 / Math.Sqrt(Units)));
            _optimizer = new AdamWConfig().Build(weights.All);
        }

        /// <summary>Two operations for each weight and row forwards, four backwards.</summary>
        public static double Flops => 6.0 * Rows * (4 * Units * (Embedding + 3.0 * Units) + Units * Vocab);

        public List<double> Time(int steps)
        {
            var times = new List<double>();
            for (var i = 0; i < steps; i++)
            {
                var ids = new int[Rows + 1];
                for (var k = 0; k < ids.Length; k++) ids[k] = (int)_random.Fork(_step).Below(Vocab, (ulong)k);
                var watch = Stopwatch.StartNew();
                using (var tape = Tape.Start())
                {
                    var x = _embedding.Forward(Tensor.From<int>(ids.AsSpan(0, Rows), [Rows], _device));
                    var (h, _) = _lstm.Forward(x, SequenceLayout.Batch(Batch, LstmBench.Time));
                    var loss = _output.Forward(h).CrossEntropy(Tensor.From<int>(ids.AsSpan(1), [Rows], _device));
                    _optimizer.Step(tape.Backward(loss).ClipNorm(1), 1e-3);
                }
                times.Add(watch.Elapsed.TotalMilliseconds);
                _step++;
            }
            return times;
        }
    }
}
