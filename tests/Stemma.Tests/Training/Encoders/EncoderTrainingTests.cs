using Stemma.Models.Bert;
using Stemma.Models.Electra;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Training;
using Stemma.Training.Encoders;
using Xunit;

namespace Stemma.Tests.Training.Encoders;

public sealed class EncoderTrainingTests
{
    [Theory, InlineData(false), InlineData(true)]
    public void A_resumed_run_has_the_bits_of_one_never_stopped(bool electra)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["text.txt"], string.Join('\n', Enumerable.Range(0, 300).Select(i => $"the {(i % 3 == 0 ? "red" : "blue")} house number {i * 7 % 50} stands by the sea")));
        var run = new PretrainRun
        {
            Model = electra
                ? new ElectraConfig { LayerCount = 1, HiddenSize = 16, EmbeddingSize = 8, HeadCount = 2, IntermediateSize = 24, ContextLength = 16 }
                : new BertConfig { LayerCount = 1, HiddenSize = 16, HeadCount = 2, IntermediateSize = 24, ContextLength = 16 },
            Objective = electra ? new ReplacedObjective() : new MaskedObjective { WholeWords = true },
            Data = folder["text.txt"],
            Tokenizer = new BpeTokenizerConfig { VocabSize = 300 },
            Steps = 10,
            EvaluateEvery = 4,
            BatchSize = 4,
            MaxTokens = 16,
        };
        var whole = PretrainSession.Start(run, folder["whole"], threads: 1);
        var losses = whole.Steps().Select(step => step.Step.Loss).ToArray();
        var first = PretrainSession.Start(run, folder["parts"], threads: 1);
        using (var stop = new CancellationTokenSource())
        {
            foreach (var step in first.Steps(stop.Token))
                if (step.Step.Number == 6) stop.Cancel();
        }
        Assert.Equal(6, first.StepsDone);
        var second = PretrainSession.Resume(folder["parts"], threads: 2);
        Assert.Equal(losses[6..], second.Steps().Select(step => step.Step.Loss));
        Assert.Equal(File.ReadAllBytes(folder["whole/model.safetensors"]), File.ReadAllBytes(folder["parts/model.safetensors"]));
        Assert.Equal(13, File.ReadLines(folder["parts/metrics.jsonl"]).Count());
    }

    [Fact]
    public void The_two_models_of_electra_share_their_embeddings_and_both_learn()
    {
        var pair = new ElectraPair(new ElectraConfig { VocabSize = 50, LayerCount = 1, HiddenSize = 16, EmbeddingSize = 8, HeadCount = 2, IntermediateSize = 24, ContextLength = 16, Dropout = 0, AttentionDropout = 0 }, 0.5, 50, 1, Device.Cpu);
        Assert.Equal(8, pair.Generator.Config.HiddenSize);
        Assert.Equal(pair.Parameters.Count, pair.Parameters.Select(parameter => parameter.Value).Distinct().Count());
        Assert.DoesNotContain(pair.Parameters, parameter => parameter.Name.StartsWith("generator.electra.embeddings.", StringComparison.Ordinal));
        int[] tokens = [1, 10, 11, 12, 13, 14, 2], masked = [1, 10, 3, 12, 3, 14, 2], targets = [.. tokens.Zip(masked, (token, read) => read == 3 ? token : TensorOps.IgnoreIndex)];
        using var tape = Tape.Start();
        var loss = pair.Loss(tokens, masked, targets, SequenceLayout.Packed(7), new RandomStream(4), null);
        Assert.Equal(loss.Generator.ToScalar() + 50 * loss.Discriminator.ToScalar(), loss.Total.ToScalar(), 1e-4);
        // Only what was hidden can have been replaced, and a right guess is no replacement.
        for (var i = 0; i < tokens.Length; i++)
        {
            if (masked[i] != 3) Assert.Equal(tokens[i], loss.Read[i]);
            Assert.Equal(loss.Read[i] == tokens[i] ? 0 : 1, loss.Replaced[i]);
        }
        var gradients = tape.Backward(loss.Total);
        foreach (var parameter in pair.Parameters)
            Assert.True(gradients.TryGet(parameter, out _), parameter.Name);
    }

    [Fact]
    public void Special_tokens_are_the_tokenizers_own_or_come_after_its_last()
    {
        var tokenizer = new BpeTrainer { VocabSize = 270 }.Train(["the red house and the blue house"]);
        var tokens = new EncoderTokens(tokenizer);
        Assert.Equal(tokenizer.VocabSize + 4, tokens.VocabSize);
        Assert.Equal([tokens.VocabSize - 4, tokens.VocabSize - 3, tokens.VocabSize - 2, tokens.VocabSize - 1], tokens.Special.Order());
        var ids = tokenizer.Encode(" house");
        Assert.True(tokens.BeginsWord(ids[0]));
        Assert.False(tokens.BeginsWord(tokenizer.Encode("use")[0]));
    }

    [Fact]
    public void What_contradicts_is_named()
    {
        Assert.Contains("electra", Assert.Throws<ConfigurationException>(() => new PretrainRun { Objective = new ReplacedObjective() }.Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("max_tokens", Assert.Throws<ConfigurationException>(() => new PretrainRun { MaxTokens = 4096 }.Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("share", Assert.Throws<ConfigurationException>(() => new PretrainRun { Objective = new MaskedObjective { Share = 1.5 } }.Validate()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labelled_files_are_read_and_their_faults_named()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.conllu"], "# text = don't go\n1-2\tdon't\t_\t_\t_\t_\t_\t_\t_\t_\n1\tdo\tdo\tAUX\t_\t_\t0\t_\t_\t_\n2\tn't\tnot\tPART\t_\t_\t1\t_\t_\t_\n2.1\tx\tx\tX\t_\t_\t_\t_\t_\t_\n3\tgo\tgo\tVERB\t_\t_\t1\t_\t_\t_\n\n");
        var sentence = Assert.Single(LabelledFiles.Tags(folder["a.conllu"]));
        Assert.Equal(["do", "n't", "go"], sentence.Words);
        Assert.Equal(["AUX", "PART", "VERB"], sentence.Tags);
        File.WriteAllText(folder["b.conll"], "New\tB-location\nYork\tI-location\n\t\nis\tO\n");
        Assert.Equal(2, LabelledFiles.Tags(folder["b.conll"]).Count);
        File.WriteAllText(folder["c.conll"], "New\tB-location\nYork\n");
        Assert.Contains("line 2", Assert.Throws<Stemma.Text.TextFormatException>(() => LabelledFiles.Tags(folder["c.conll"])).Message, StringComparison.Ordinal);
        File.WriteAllText(folder["d.json"], """{"data":[{"paragraphs":[{"context":"a b","qas":[{"question":"q","answers":[{"text":"b","answer_start":0}]}]}]}]}""");
        Assert.Contains("does not stand", Assert.Throws<Stemma.Text.TextFormatException>(() => LabelledFiles.Questions(folder["d.json"])).Message, StringComparison.Ordinal);
        File.WriteAllText(folder["e.json"], """{"articles":[]}""");
        Assert.Contains("SQuAD", Assert.Throws<Stemma.Text.TextFormatException>(() => LabelledFiles.Questions(folder["e.json"])).Message, StringComparison.Ordinal);
    }
}
