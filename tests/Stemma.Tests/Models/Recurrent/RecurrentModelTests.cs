using Stemma.Evaluation;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models;
using Stemma.Models.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers.Characters;
using Xunit;

namespace Stemma.Tests.Models.Recurrent;

public sealed class RecurrentModelTests
{
    private const int VocabSize = 13;

    public static TheoryData<string> Kinds => [.. CarryingModels.All.Keys];

    [Theory, MemberData(nameof(Kinds))]
    public void Two_windows_with_a_carried_state_are_one_of_both(string kind)
    {
        var model = CarryingModels.Build(kind, VocabSize);
        var (inputs, targets) = (CarryingModels.Tokens(1, 3 * 10, VocabSize), CarryingModels.Tokens(2, 3 * 10, VocabSize));
        var whole = Loss(0, 10, null);
        using var state = model.NewState(3);
        Assert.Equal(whole, Loss(0, 4, state) + Loss(4, 6, state), 1e-4);
        Assert.NotEqual(whole, Loss(0, 4, null) + Loss(4, 6, null), 1e-4);
        state.Reset();
        Assert.Equal(Loss(0, 4, null), Loss(0, 4, state), 1e-6);

        // Windows of three sequences of ten tokens.
        double Loss(int first, int count, CarriedState? carried)
        {
            int[] rows = [.. Enumerable.Range(0, 3).SelectMany(s => Enumerable.Range(s * 10 + first, count))];
            return model.Loss(
                Tensor.From([.. rows.Select(row => inputs[row])], [rows.Length]), Tensor.From([.. rows.Select(row => targets[row])], [rows.Length]),
                new Pass(SequenceLayout.Batch(3, count), State: carried), divisor: 1).ToScalar();
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Scores_are_those_of_its_logits_and_of_its_loss(string kind)
    {
        var model = CarryingModels.Build(kind, VocabSize);
        var tokens = CarryingModels.Tokens(1, 24, VocabSize);
        Assert.Null(model.ContextLength);
        using var state = model.Start();
        Assert.Throws<ArgumentException>(() => model.Score(state, tokens, new double[24]));
        model.Advance([new(state, tokens.AsMemory(0, 1), Wanted.None)], []);
        var scores = new double[23];
        using (var fork = state.Fork()) model.Score(fork, tokens.AsSpan(1), scores);
        Assert.Equal(1, state.Length);
        var loss = model.Loss(Tensor.From(tokens[..^1], [23]), Tensor.From(tokens[1..], [23]), new Pass(SequenceLayout.Batch(1, 23)), divisor: 1).ToScalar();
        Assert.Equal(-loss, scores.Sum(), 1e-4);

        // Token by token, beside a second sequence that must not matter.
        using var other = model.Start();
        var logits = new float[2 * VocabSize];
        for (var i = 1; i < 24; i++)
        {
            model.Advance([new(other, tokens.AsMemory(24 - i, 1), Wanted.None), new(state, tokens.AsMemory(i, 1), Wanted.Last)], logits);
            if (i == 23) break;
            var log = Math.Log(logits[..VocabSize].Sum(l => Math.Exp(l)));
            Assert.Equal(logits[tokens[i + 1]] - log, scores[i], 1e-5);
        }
        Assert.Equal(24, state.Length);
        Assert.False(state.TryTruncate(7));
        Assert.True(state.TryTruncate(0));
        Assert.Equal(0, state.Length);
    }

    [Fact]
    public void A_long_text_in_pieces_costs_what_it_costs_in_one()
    {
        var text = string.Concat(CarryingModels.Tokens(5, 290_000, 12).Select(token => (char)('a' + token)));
        var tokenizer = new CharacterTrainer().Train([text]);
        var model = new RecurrentModel(new GruConfig { VocabSize = tokenizer.VocabSize, HiddenSize = 8, EmbeddingSize = 4, LayerCount = 1, InitializerRange = 0.6 }, new Weights(new InitialWeights(3), Device.Cpu));
        var corpus = new InMemoryCorpus("long", [new Document("long", text)]);
        var evaluation = Evaluator.Evaluate(model, tokenizer, corpus);
        Assert.Equal((289_999, 289_999), (evaluation.Tokens, evaluation.Bytes));
        var tokens = tokenizer.Encode(text);
        using var state = model.Start();
        model.Advance([new(state, tokens.AsMemory(0, 1), Wanted.None)], []);
        var scores = new double[tokens.Length - 1];
        model.Score(state, tokens.AsSpan(1), scores);
        Assert.Equal(-scores.Average(), evaluation.LossNatsPerToken, 1e-6);
        Assert.Throws<ConfigurationException>(() => Evaluator.Evaluate(model, tokenizer, corpus, stride: 3));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_model_comes_back_from_its_folder(string kind)
    {
        using var folder = new TemporaryFolder();
        var model = CarryingModels.Build(kind, VocabSize);
        ModelFolder.Save(folder.Path, model);
        var read = ModelFolder.Load(folder.Path, Device.Cpu);
        Assert.Equal(model.Config, read.Config);
        var tokens = Tensor.From(CarryingModels.Tokens(1, 9, VocabSize), [9]);
        var pass = new Pass(SequenceLayout.Batch(1, 9));
        Assert.Equal(model.Logits(tokens, pass).ToArray<float>(), read.Logits(tokens, pass).ToArray<float>());

        var path = Path.Combine(folder.Path, "config.json");
        var json = File.ReadAllText(path);
        foreach (var (from, to, message) in ((string, string, string)[])
            [("\"hidden_size\": 12", "\"hidden_size\": 13", "has shape"), ("\"hidden_size\": 12", "\"hidden_size\": 0", "model.hidden_size is 0"), ("\"model\"", "\"other\"", "lacks the field model"), ("\"stemma\"", "\"bert\"", "continues none"), ("\"stemma\"", "\"wavenet\"", "known are gpt2, ")])
        {
            File.WriteAllText(path, json.Replace(from, to, StringComparison.Ordinal));
            Assert.Contains(message, Assert.Throws<CheckpointException>(() => ModelFolder.Load(folder.Path, Device.Cpu)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Sizes_and_probabilities_out_of_range_are_refused()
    {
        var config = new LstmConfig { VocabSize = 5 };
        Assert.Contains("model.layer_count", Refused(config with { LayerCount = 0 }), StringComparison.Ordinal);
        Assert.Contains("model.dropout.probability", Refused(config with { Dropout = new LayerDropout { Probability = 1 } }), StringComparison.Ordinal);
        Assert.Contains("model.dropout.steps", Refused(config with { Dropout = new VariationalDropout { Steps = -0.1 } }), StringComparison.Ordinal);

        static string Refused(ModelConfig config) => Assert.Throws<ConfigurationException>(config.Validate).Message;
    }
}
