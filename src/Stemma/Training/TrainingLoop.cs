using System.Diagnostics;
using Stemma.Evaluation;
using Stemma.Generation;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Text.Shards;

namespace Stemma.Training;

/// <summary>The loop itself: batch, loss, gradients, update; now and then an evaluation and a checkpoint.</summary>
internal sealed class TrainingLoop
{
    private readonly TrainingRun _run;
    private readonly NeuralLanguageModel _model;
    private readonly RunData _data;
    private readonly RunFolder? _folder;
    private readonly Optimizer _optimizer;
    private readonly RandomWindows? _windows;
    private readonly ContiguousStreams? _streams;
    private readonly CarriedState[] _carried = [];
    private readonly RandomStream _random;
    private readonly BestWeights _best;
    private readonly InstabilityMonitor _monitor = new();
    private readonly SequenceLayout _layout;
    private readonly DocumentRows? _rows;
    private readonly int[] _batch, _inputs, _targets;
    private readonly double _flopsPerToken;

    public TrainingLoop(TrainingRun run, NeuralLanguageModel model, RunData data, RunFolder? folder)
    {
        (_run, _model, _data, _folder) = (run, model, data, folder);
        _optimizer = run.Optimizer.Build(model.Parameters);
        if (model is CarryingLanguageModel carrying)
        {
            _streams = new(data.Train, run.Model.ContextLength, run.BatchSize * run.AccumulationSteps);
            _carried = [.. Enumerable.Range(0, run.AccumulationSteps).Select(_ => carrying.NewState(run.BatchSize))];
        }
        else _windows = new(data.Train, run.Model.ContextLength, run.Seed);
        _random = new RandomStream(run.Seed).Fork("training");
        _best = new(model, folder, data.Tokenizer);
        _layout = SequenceLayout.Batch(run.BatchSize, run.Model.ContextLength);
        _flopsPerToken = model.TrainingFlopsPerToken(run.Model.ContextLength);
        if (run.Data.DocumentsApart)
        {
            if (_streams is not null) throw new ConfigurationException("data.documents_apart is true, but this kind of model reads from document to document and carries its state; only models that attend can keep documents apart.");
            _rows = new(data.Train, data.Tokenizer.EndOfText is not null);
        }
        _batch = new int[_layout.QueryCount + _layout.Count];
        (_inputs, _targets) = (new int[_layout.QueryCount], new int[_layout.QueryCount]);
    }

    public TrainingState State { get; private set; } = new() { Step = 0, MetricsLines = 0 };

    public Evaluation.Evaluation? Final { get; private set; }

    /// <summary>Takes up the last checkpoint, where there is one.</summary>
    public void Restore()
    {
        if (!File.Exists(_folder!.Checkpoint)) return;
        State = TrainingCheckpoint.Read(_folder, _model.Parameters, _optimizer, _carried);
        if (File.Exists(_folder.Metrics)) _monitor.Read(File.ReadLines(_folder.Metrics).Take(State.MetricsLines));
    }

    /// <summary>The remaining steps. Stops between two steps; then, and at the end, everything is saved.</summary>
    public IEnumerable<TrainingStep> Run(CancellationToken stop)
    {
        using var metrics = _folder is null ? null : new MetricsFile(_folder.Metrics, State.MetricsLines);
        while (!State.Finished && State.Step < _run.Steps && !stop.IsCancellationRequested)
        {
            var step = Step(State.Step);
            metrics?.Write(step);
            State = State with { Step = step.Number };
            var isLast = step.Number == _run.Steps;
            if (isLast || (_run.EvaluationInterval > 0 && step.Number % _run.EvaluationInterval == 0))
            {
                step = Evaluate(step);
                metrics?.Write(step.Number, step.Evaluation!);
                var stopsEarly = _run.Patience > 0 && State.EvaluationsSinceBest >= _run.Patience;
                State = State with { Finished = isLast || stopsEarly };
                Save(metrics);
            }
            yield return step;
        }
        if (!State.Finished)
        {
            if (stop.IsCancellationRequested && State.Step > 0) Save(metrics);
            yield break;
        }
        _best.Restore();
        Final = Evaluator.Evaluate(_model, _data.Tokenizer, _data.Validation, documentsApart: _run.Data.DocumentsApart, cancellation: stop);
    }

    private TrainingStep Step(int index)
    {
        var watch = Stopwatch.StartNew();
        using var scope = Memory.Scope();
        var context = _run.Model.ContextLength;
        var tokens = _run.BatchSize * _run.AccumulationSteps * context - Unpredicted(index);
        var rate = _run.Schedule.Rate(index, _run.Steps);
        var (loss, total) = (0.0, default(Gradients));
        if (_streams?.IsFirst(index) is true)
            foreach (var state in _carried) state.Reset();
        for (var part = 0; part < _run.AccumulationSteps; part++)
        {
            using var tape = Tape.Start();
            var (inputs, targets, layout) = Batch(index, part);
            var pass = new Pass(layout, Dropout: _random.Fork((ulong)index).Fork((ulong)part), Checkpointing: _run.Checkpointing, State: _carried.ElementAtOrDefault(part));
            var partLoss = _model.Loss(inputs, targets, pass, divisor: tokens);
            loss += partLoss.ToScalar();
            var gradients = tape.Backward(partLoss);
            total = (total is null ? gradients : total.Add(gradients)).Keep(tape.Keep);
        }
        CheckFinite(index + 1, loss, total!);
        if (_run.GradientClip > 0) total!.ClipNorm(_run.GradientClip);
        _optimizer.Step(total!, rate);
        var seconds = watch.Elapsed.TotalSeconds;
        var flops = _flopsPerToken * tokens / seconds;
        return new(index + 1, loss, rate, total!.Norm, 1000 * seconds, tokens / seconds, flops / MachinePeak.Flops(_model.Device.ThreadCount, _model.Device.Precision, reached: flops))
        {
            Instability = _monitor.Observe(loss, total.Norm),
        };
    }

    private (Tensor Inputs, Tensor Targets, SequenceLayout Layout) Batch(int step, int part)
    {
        var (rows, context) = (_run.BatchSize, _run.Model.ContextLength);
        if (_streams is null) _windows!.Read(step, _batch, firstRow: part * rows);
        else _streams.Read(step, _batch, firstRow: part * rows);
        for (var row = 0; row < rows; row++)
        {
            _batch.AsSpan(row * (context + 1), context).CopyTo(_inputs.AsSpan(row * context));
            _batch.AsSpan(row * (context + 1) + 1, context).CopyTo(_targets.AsSpan(row * context));
        }
        var layout = _rows is null ? _layout : Apart(step, part);
        return (Tensor.From(_inputs, [_inputs.Length], _model.Device), Tensor.From(_targets, [_targets.Length], _model.Device), layout);
    }

    // Targets of a step that do not count: the first tokens of documents that nothing comes before.
    private int Unpredicted(int step) => _rows is not { HasEnds: false } ? 0
        : Enumerable.Range(0, _run.BatchSize * _run.AccumulationSteps).Sum(row => _rows.Begins(_windows!.Start(step, row), _run.Model.ContextLength).Count() - 1);

    // A sequence per document, or part of one, within each row.
    private SequenceLayout Apart(int step, int part)
    {
        var context = _run.Model.ContextLength;
        List<int> offsets = [];
        for (var row = 0; row < _run.BatchSize; row++)
        {
            var first = row * context;
            foreach (var begin in _rows!.Begins(_windows!.Start(step, part * _run.BatchSize + row), context))
            {
                // Without a token between them, the end of a document does not predict the next one.
                if (begin > 0 && !_rows.HasEnds) _targets[first + begin - 1] = TensorOps.IgnoreIndex;
                offsets.Add(first + begin);
            }
        }
        offsets.Add(_inputs.Length);
        int[] all = [.. offsets];
        return new(all, all);
    }

    private void CheckFinite(int step, double loss, Gradients gradients)
    {
        if (double.IsFinite(loss) && double.IsFinite(gradients.Norm)) return;
        const string WayOut = "Lower schedule.learning_rate, lengthen schedule.warmup_steps, or set gradient_clip; the last checkpoint is intact.";
        foreach (var weight in _model.Parameters)
        {
            if (!AllFinite(weight.Value)) throw new TrainingFailedException($"Step {step}: the weight {weight.Name} is not finite. {WayOut}");
            if (gradients.TryGet(weight, out var gradient) && !AllFinite(gradient)) throw new TrainingFailedException($"Step {step}: the gradient of {weight.Name} is not finite (loss {loss}). {WayOut}");
        }
        throw new TrainingFailedException($"Step {step}: the loss is {loss}, its gradients' norm {gradients.Norm}. {WayOut}");
    }

    private static bool AllFinite(Tensor tensor)
    {
        foreach (var value in tensor.ToArray<float>())
            if (!float.IsFinite(value)) return false;
        return true;
    }

    private TrainingStep Evaluate(TrainingStep step)
    {
        var evaluation = Evaluator.Evaluate(_model, _data.Tokenizer, _data.Validation, limit: _run.EvaluationTokens, documentsApart: _run.Data.DocumentsApart);
        var isBest = State.Best is null || evaluation.LossNatsPerToken < State.Best.LossNatsPerToken;
        if (isBest) _best.Take();
        State = isBest
            ? State with { Best = evaluation, BestStep = step.Number, EvaluationsSinceBest = 0 }
            : State with { EvaluationsSinceBest = State.EvaluationsSinceBest + 1 };
        return step with { Evaluation = evaluation, IsBest = isBest, Sample = _run.SampleTokens > 0 ? Sample(step.Number) : null };
    }

    private string Sample(int step)
    {
        // A line of the held-out text, from its middle: the model has never seen how it goes on.
        var prompt = new int[(int)Math.Min(8, _data.Validation.Length)];
        var start = (_data.Validation.Length - prompt.Length) / 2;
        var token = new int[1];
        for (var at = start; at > Math.Max(0, start - 1000); at--)
        {
            _data.Validation.Read(at - 1, token);
            if (!_data.Tokenizer.Bytes(token[0]).EndsWith("\n"u8)) continue;
            start = at;
            break;
        }
        _data.Validation.Read(start, prompt);
        var options = new GenerationOptions { Temperature = 0.8, TopK = 40 };
        var sample = Generator.Continue(_model, prompt, options.BuildSampler(), _random.Fork("samples").Fork((ulong)step), _data.Tokenizer.VocabSize).Take(_run.SampleTokens);
        return _data.Tokenizer.Decode([.. prompt, .. sample]);
    }

    private void Save(MetricsFile? metrics)
    {
        if (_folder is null) return;
        State = State with { MetricsLines = metrics!.Flush() };
        TrainingCheckpoint.Write(_folder, _model.Parameters, _optimizer, _carried, State);
    }
}
