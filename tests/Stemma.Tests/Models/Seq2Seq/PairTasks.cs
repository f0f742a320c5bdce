using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Seq2Seq;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Optimizers;
using Stemma.Schedules;

namespace Stemma.Tests.Models;

/// <summary>Small tasks for encoder–decoders, and the plainest way to train one.</summary>
internal static class PairTasks
{
    public const int End = 0;

    /// <summary>A sequence of symbols and its reverse.</summary>
    public static TokenPair Reversal(RandomStream random, int symbols, int shortest, int longest)
    {
        int[] tokens = [.. Enumerable.Range(0, shortest + (int)random.Below(longest - shortest + 1, 0)).Select(i => 1 + (int)random.Below(symbols, (ulong)i + 1))];
        return new([.. tokens, End], [.. tokens.Reverse(), End]);
    }

    /// <summary>Keys, each with a value behind it; the target has them once more in another order. Keys are 1 … n, values n + 1 … 2n: who reads a key must find its value.</summary>
    public static TokenPair Recall(RandomStream random, int symbols, int pairs)
    {
        (int Key, int Value)[] stored = [.. Enumerable.Range(1, symbols).OrderBy(key => random.Uniform((ulong)key)).Take(pairs).Select((key, i) => (key, symbols + 1 + (int)random.Below(symbols, 1000 + (ulong)i)))];
        var asked = stored.OrderBy(pair => random.Uniform(2000 + (ulong)pair.Key));
        return new([.. stored.SelectMany(Both), End], [.. asked.SelectMany(Both), End]);

        static int[] Both((int Key, int Value) pair) => [pair.Key, pair.Value];
    }

    /// <summary>The share of unseen keys whose value is the likeliest to follow.</summary>
    public static double Recalled(Seq2SeqModel model, Func<RandomStream, TokenPair> task, int count)
    {
        TokenPair[] pairs = [.. Enumerable.Range(0, count).Select(i => task(new RandomStream(99).Fork((ulong)i)))];
        using var scope = Memory.Scope();
        var batch = PairBatch.Of(pairs, End);
        var rows = model.Logits(batch).ToArray<float>().Chunk(model.Config.TargetVocabSize).ToArray();
        int[] values = [.. Enumerable.Range(0, rows.Length).Where(row => batch.Targets[row] > (model.Config.TargetVocabSize - 1) / 2)];
        return values.Average(row => rows[row].AsSpan().IndexOf(rows[row].Max()) == batch.Targets[row] ? 1.0 : 0);
    }

    public static Seq2SeqModel Model(Seq2SeqConfig config, int vocabSize, ulong seed = 1) =>
        (Seq2SeqModel)(config with { SourceVocabSize = vocabSize, TargetVocabSize = vocabSize }).Build(new Weights(new InitialWeights(seed), Device.Cpu));

    /// <summary>Trains on fresh pairs; the loss of each step.</summary>
    public static double[] Train(Seq2SeqModel model, Func<RandomStream, TokenPair> task, int steps, int batchSize, double rate, double own = 0)
    {
        var optimizer = new AdamConfig().Build(model.Parameters);
        var schedule = new CosineSchedule { LearningRate = rate, FinalLearningRate = rate / 50, WarmupSteps = 20 };
        var losses = new double[steps];
        for (var step = 0; step < steps; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var random = new RandomStream(11).Fork((ulong)step);
            var batch = PairBatch.Of([.. Enumerable.Range(0, batchSize).Select(i => task(random.Fork((ulong)i)))], End);
            if (own > 0) batch = model.Mixed(batch, own * step / steps, random.Fork("own"));
            var loss = model.Loss(batch);
            losses[step] = loss.ToScalar();
            optimizer.Step(tape.Backward(loss).ClipNorm(1), schedule.Rate(step, steps));
        }
        return losses;
    }

    /// <summary>The share of unseen sources whose greedy target is right from its first token to its end.</summary>
    public static double Accuracy(IConditionalModel model, Func<RandomStream, TokenPair> task, int count)
    {
        var search = new Stemma.Generation.BeamSearch { Width = 1, MaxTokens = 40 };
        return Enumerable.Range(0, count).Average(i =>
        {
            var pair = task(new RandomStream(99).Fork((ulong)i));
            return search.Search(model.Given(pair.Source), new[] { End }, End)[0].Tokens.SequenceEqual(pair.Target[..^1]) ? 1.0 : 0;
        });
    }
}
