using Stemma.Layers.Recurrent;
using Stemma.Models;
using Stemma.Models.Checkpoints;
using Stemma.Models.Seq2Seq;
using Stemma.Models.T5;
using Stemma.Numerics;
using Stemma.Training;
using Stemma.Training.Encoders;
using Stemma.Training.Pairs;
using Xunit;

namespace Stemma.Tests.Training.Pairs;

/// <summary>Every pair is seen once an epoch, and a run that was stopped goes on as if it never had been.</summary>
public sealed class PairTrainingTests
{
    [Theory]
    [InlineData(1, 8)]
    [InlineData(1000, 7)]
    [InlineData(6400, 64)]
    public void Buckets_hold_every_pair_once_an_epoch_and_pad_little(int count, int batchSize)
    {
        TokenPair[] pairs = [.. Enumerable.Range(0, count).Select(i => new TokenPair(new int[1 + new RandomStream(1).Below(30, (ulong)i)], new int[1 + new RandomStream(2).Below(30, (ulong)i)]))];
        var buckets = new LengthBuckets(pairs, batchSize, new RandomStream(3));
        foreach (var epoch in (int[])[0, 1])
        {
            var batches = buckets.Epoch(epoch);
            Assert.Equal(buckets.BatchCount, batches.Count);
            Assert.Equal(Enumerable.Range(0, count), batches.SelectMany(batch => batch).Order());
            Assert.All(batches, batch => Assert.InRange(batch.Length, 1, batchSize));
            if (count < 6400) continue;
            var padded = batches.Sum(batch => batch.Max(i => pairs[i].Target.Length) * (double)batch.Length) / pairs.Sum(pair => (double)pair.Target.Length);
            Assert.InRange(padded, 1, 1.1);
        }
        if (count == 1000) Assert.NotEqual(buckets.Epoch(0).SelectMany(batch => batch), buckets.Epoch(1).SelectMany(batch => batch));
        Assert.Equal(buckets.Epoch(1).SelectMany(batch => batch), new LengthBuckets(pairs, batchSize, new RandomStream(3)).Epoch(1).SelectMany(batch => batch));
    }

    [Fact]
    public void The_loss_of_an_epoch_does_not_depend_on_how_it_is_cut_into_batches()
    {
        var model = PairTasks().Model;
        TokenPair[] pairs = [.. Enumerable.Range(0, 50).Select(i => Models.PairTasks.Reversal(new RandomStream(4).Fork((ulong)i), 9, 1, 9))];
        double Loss(IEnumerable<int[]> batches) => batches.Sum(batch => model.Loss(PairBatch.Of([.. batch.Select(i => pairs[i])], 0), divisor: 1).ToScalar());
        var whole = Loss([[.. Enumerable.Range(0, 50)]]);
        Assert.Equal(whole, Loss(new LengthBuckets(pairs, 8, new RandomStream(1)).Epoch(0)), 1e-3);
        Assert.Equal(whole, Loss(Enumerable.Range(0, 50).Select(i => (int[])[i])), 1e-3);
    }

    [Fact]
    public void A_stopped_run_goes_on_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        var run = Write(folder);
        var whole = PairSession.Start(run, folder["whole"]);
        Assert.Equal(24, whole.Steps().Count());
        var stopped = PairSession.Start(run, folder["stopped"], threads: 1);
        using (var stop = new CancellationTokenSource())
        {
            foreach (var step in stopped.Steps(stop.Token))
                if (step.Number == 11) stop.Cancel();
        }
        Assert.False(stopped.IsFinished);
        var resumed = PairSession.Resume(folder["stopped"]);
        Assert.Equal(11, resumed.StepsDone);
        Assert.Equal(13, resumed.Steps().Count());
        Assert.True(resumed.IsFinished);
        Assert.Equal(whole.Best!.LossNatsPerToken, resumed.Best!.LossNatsPerToken);
        foreach (var (a, b) in whole.Model.Parameters.Zip(resumed.Model.Parameters)) Assert.Equal(a.Value.ToArray<float>(), b.Value.ToArray<float>());
        Assert.Equal(File.ReadAllBytes(folder["whole/model.safetensors"]), File.ReadAllBytes(folder["stopped/model.safetensors"]));

        // The folder is a translator, and changed text is noticed.
        var translation = Translator.Load(folder["whole"]).Translate("a b c", new() { Width = 2, MaxTokens = 10 })[0];
        Assert.Equal(translation.Hypothesis.Alignment.Count, translation.TargetPieces.Count);
        File.AppendAllText(folder["train.src"], "a\n");
        File.AppendAllText(folder["train.tgt"], "a\n");
        Assert.Contains("changed", Assert.Throws<ConfigurationException>(() => PairSession.Resume(folder["stopped"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pretrained_T5_goes_on_to_pairs_with_its_weights_and_tokenizer_and_stays_a_T5()
    {
        using var folder = new TemporaryFolder();
        var usual = Write(folder);
        var spans = new PretrainRun
        {
            Objective = new SpanObjective { Model = new() { LayerCount = 1, DecoderLayerCount = 1, HeadCount = 2, HeadSize = 4, HiddenSize = 8, IntermediateSize = 12 } },
            Data = new() { Source = folder["train.src"], Validation = folder["valid.src"] },
            Tokenizer = new BpeTokenizerConfig { VocabSize = 270 },
            Steps = 2,
            BatchSize = 2,
            MaxTokens = 12,
        };
        Assert.Equal(2, PretrainSession.Start(spans, folder["t5"], threads: 1).Steps().Count());
        var run = usual with { Pretrained = folder["t5"], ScheduledSampling = 0, Epochs = 2 };
        var before = EncoderDecoderCheckpoint.Load(folder["t5"]);
        var session = PairSession.Start(run, folder["tuned"], threads: 1);
        Assert.Equal(Values(before), Values(session.Model));
        var config = (T5Config)session.Model.Config;
        Assert.Equal((config.StartToken, config.EndToken), (session.Tokens.TargetStart, session.Tokens.TargetEnd));
        var losses = session.Steps().Select(step => step.Loss).ToArray();
        Assert.NotEqual(Values(before), Values(session.Model));

        var stopped = PairSession.Start(run, folder["stopped"], threads: 1);
        Assert.Equal(losses[..5], stopped.Steps().Take(5).Select(step => step.Loss));
        using (var stop = new CancellationTokenSource())
        {
            stop.Cancel();
            Assert.Empty(stopped.Steps(stop.Token));
        }
        Assert.Equal(losses[5..], PairSession.Resume(folder["stopped"], threads: 1).Steps().Select(step => step.Loss));
        // What comes out is a folder as the one that it began with: it translates, and can be gone on from.
        Assert.Equal(session.Tokens.TargetStart, Translator.Load(folder["tuned"]).Tokens.TargetStart);
        Assert.NotNull(Translator.Load(folder["tuned"]).Translate("a b", new() { Width = 2, MaxTokens = 4 })[0].Text);
        Assert.Equal(EncoderDecoderCheckpoint.Load(folder["tuned"]).Config, PairSession.Start(run with { Pretrained = folder["tuned"] }, threads: 1).Model.Config);

        var scratch = PairSession.Start(run with { FromScratch = true }, threads: 1).Model;
        Assert.Equal(before.Config, scratch.Config);
        Assert.NotEqual(Values(before), Values(scratch));
        Assert.Contains("lowercase", Assert.Throws<ConfigurationException>(() => PairSession.Start(run with { Data = run.Data with { Lowercase = true } })).Message, StringComparison.Ordinal);
        Assert.Contains("from_scratch", Assert.Throws<ConfigurationException>(() => PairSession.Start(usual with { FromScratch = true })).Message, StringComparison.Ordinal);
        Assert.Contains("There is no folder", Assert.Throws<ConfigurationException>(() => PairSession.Start(run with { Pretrained = folder["none"] })).Message, StringComparison.Ordinal);
        // Another model in the folder is noticed.
        File.Copy(folder["tuned/model.safetensors"], folder["t5/model.safetensors"], overwrite: true);
        Assert.Contains("has changed", Assert.Throws<ConfigurationException>(() => PairSession.Resume(folder["stopped"])).Message, StringComparison.Ordinal);

        static float[] Values(ConditionalModel model) => [.. model.Parameters.SelectMany(weight => weight.Value.ToArray<float>())];
    }

    [Fact]
    public void What_cannot_be_trained_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        var run = Write(folder);
        Refused(run with { Data = run.Data with { Source = folder["none"] } }, "none");
        File.WriteAllText(folder["short"], "a\nb\n");
        Refused(run with { Data = run.Data with { Source = folder["short"] } }, "line by line");
        File.WriteAllBytes(folder["broken"], [0xE9, 0x0A]);
        Refused(run with { Data = run.Data with { Source = folder["broken"] } }, "UTF-8");
        File.WriteAllText(folder["false.gz"], "a\n");
        Refused(run with { Data = run.Data with { Source = folder["false.gz"] } }, "gzip");
        Refused(run with { Data = run.Data with { MaxTokens = 1 } }, "max_tokens");
        Refused(run with { LabelSmoothing = 1 }, "label_smoothing");
        Refused(run with { ScheduledSampling = 1.5 }, "scheduled_sampling");
        Refused(run with { Tokenizer = new TokenizerFileConfig { Path = "x" } }, "tokenizer.kind");
        Assert.Throws<ConfigurationException>(() => PairSession.Resume(folder["nothing"]));

        void Refused(PairRun wrong, string named)
        {
            Assert.Contains(named, Assert.ThrowsAny<Exception>(() => PairSession.Start(wrong, folder["run"])).Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder["run"]));
        }
    }

    private static (Seq2SeqModel Model, int Vocabulary) PairTasks() => (Models.PairTasks.Model(new() { EmbeddingSize = 8, HiddenSize = 12 }, 10), 10);

    private static PairRun Write(TemporaryFolder folder)
    {
        foreach (var (name, count, seed) in ((string, int, ulong)[])[("train", 60, 1), ("valid", 10, 2)])
        {
            string[] lines = [.. Enumerable.Range(0, count).Select(i => string.Join(' ', Enumerable.Range(0, 2 + i % 5).Select(k => "abcdefg"[(int)new RandomStream(seed).Below(7, (ulong)(10 * i + k))])))];
            File.WriteAllLines(folder[$"{name}.src"], lines);
            File.WriteAllLines(folder[$"{name}.tgt"], lines.Select(line => string.Join(' ', line.Split(' ').Reverse())));
        }
        return new()
        {
            Model = new Seq2SeqConfig { EmbeddingSize = 8, HiddenSize = 12, Cell = new GruCellConfig(), Dropout = 0.1 },
            Data = new() { Source = folder["train.src"], Target = folder["train.tgt"], ValidSource = folder["valid.src"], ValidTarget = folder["valid.tgt"] },
            Tokenizer = new WordTokenizerConfig(),
            Epochs = 3,
            BatchSize = 8,
            LabelSmoothing = 0.1,
            ScheduledSampling = 0.5,
        };
    }
}
