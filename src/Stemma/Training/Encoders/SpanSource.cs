using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.T5;
using Stemma.Numerics;
using Stemma.Training.Objectives;

namespace Stemma.Training.Encoders;

/// <summary>Batches of span corruption for a T5, and how well the lost spans are said on the held-out text.</summary>
internal sealed class SpanSource : EncoderSource
{
    private const int SentinelCount = 100;

    private readonly PretrainRun _run;
    private readonly PretrainData _data;
    private readonly SpanCorruption _corruption;
    private readonly T5Config _config;
    private readonly Action<T5Model> _save;

    public SpanSource(PretrainRun run, SpanObjective objective, PretrainData data, Device device, Action<T5Model> save)
    {
        (_run, _data, _save) = (run, data, save);
        var size = Math.Max(objective.Model.SourceVocabSize, data.Tokens.VocabSize + SentinelCount);
        _config = objective.Model with { SourceVocabSize = size, TargetVocabSize = size, PadToken = data.Tokens.Pad, StartToken = data.Tokens.Pad, EndToken = data.Tokens.Separator };
        _corruption = new() { Sentinels = SpanCorruption.LastOf(size, SentinelCount), End = _config.EndToken, Share = objective.Share, MeanSpan = objective.MeanSpan };
        _corruption.Validate();
        Model = new(_config, new Weights(new InitialWeights(run.Seed), device));
    }

    public T5Model Model { get; }

    public override IReadOnlyList<Parameter> Parameters => Model.Parameters;

    public override int TotalSteps => _run.Steps;

    public override int StepsPerEvaluation => _run.EvaluateEvery;

    public override (Tensor Loss, long Tokens, double Flops) Loss(int step, RandomStream random)
    {
        var starts = random.Fork("texts");
        var batch = Batch(_data.Train, Enumerable.Range(0, _run.BatchSize).Select(i => (int)starts.Below(_data.Train.Length - _run.MaxTokens + 1, (ulong)i)), random);
        return (Model.Loss(batch, random.Fork("dropout")), batch.Sources.Length + batch.Targets.Length, Model.TrainingFlops(batch.Sources.Length, batch.Targets.Length));
    }

    public override HeldOutScore Evaluate()
    {
        var count = Math.Min(_run.EvaluationTexts, _data.Validation.Length / _run.MaxTokens);
        var (loss, right, all) = (0.0, 0L, 0L);
        foreach (var (number, chunk) in Enumerable.Range(0, count).Chunk(_run.BatchSize).Index())
        {
            using var scope = Memory.Scope();
            // The same texts with the same spans every time.
            var batch = Batch(_data.Validation, chunk.Select(i => i * _run.MaxTokens), new RandomStream(20).Fork((ulong)number));
            loss += Model.Loss(batch, divisor: 1).ToScalar();
            var rows = Model.Logits(batch).ToArray<float>().Chunk(_config.TargetVocabSize);
            right += rows.Zip(batch.Targets, (row, token) => row.AsSpan().IndexOf(row.Max()) == token).Count(hit => hit);
            all += batch.Targets.Length;
        }
        return new(loss / all, (double)right / all, "accuracy of the target's tokens");
    }

    public override void TakeBest() => _save(Model);

    private PairBatch Batch(int[] stream, IEnumerable<int> starts, RandomStream random) =>
        PairBatch.Of([.. starts.Select((start, i) => _corruption.Apply(stream.AsSpan(start, _run.MaxTokens), random.Fork("spans").Fork((ulong)i)))], _config.StartToken);
}
