using Stemma.Numerics;
using Stemma.Reproductions.Recurrence;
using Stemma.Schedules;
using Stemma.Training;

namespace Stemma.Reproductions;

/// <summary>The road before attention: what recurrence remembers, and what it does not.</summary>
internal static class RecurrenceClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new()
        {
            Name = "gradient-lag",
            Year = 1994,
            Paper = "Bengio et al., \"Learning long-term dependencies with gradient descent is difficult\"",
            Statement = "Gradients of a tanh network vanish or explode exponentially with the lag; those of an LSTM that keeps its cell do not.",
            Type = "Interpretability.GradientLag",
            Test = "LongDependencyTests.Gradients_explode_when_the_hidden_weight_is_large_and_clipping_keeps_the_network_alive",
            Bands =
            [
                new("tanh network: log of the gradient per step", -2, -0.2),
                new("tanh network of spectral radius 1.6: log of the gradient per step", 0.15, 1),
                new("LSTM with open forget gates: log of the gradient per step", -0.05, 0.05),
            ],
            Budget = TimeSpan.FromSeconds(2),
            Run = GradientLagClaim.Measure,
        },
        new()
        {
            Name = "adding-problem",
            Year = 1997,
            Paper = "Hochreiter and Schmidhuber, \"Long short-term memory\", section 5.4; Le et al. 2015, arXiv:1504.00941",
            Statement = "A tanh network does not learn to add two numbers 50 to 100 steps apart, an LSTM does over 200.",
            Type = "Layers.Recurrent.Lstm",
            Bands =
            [
                Band.AtLeast("error of the tanh network at 100 steps", 0.1),
                Band.AtMost("error of the LSTM at 200 steps", 0.01),
            ],
            Seeds = 3,
            Budget = TimeSpan.FromMinutes(3),
            Run = context => AddingExperiment.Measure(context, seeds: 3),
        },
        new()
        {
            Name = "copy-problem",
            Year = 1997,
            Paper = "Hochreiter and Schmidhuber, \"Long short-term memory\", section 5.2; Arjovsky et al. 2015, arXiv:1511.06464",
            Statement = "A tanh network does not learn to say a symbol again after 100 steps, an LSTM does after 200.",
            Type = "Layers.Recurrent.Lstm",
            Bands =
            [
                Band.AtMost("share of the tanh network at delay 100", 0.3),
                Band.AtLeast("share of the LSTM at delay 200", 0.95),
                Band.AtLeast("share of the LSTM at delay 200, 4,000 updates", 0.95),
            ],
            Seeds = 3,
            Budget = TimeSpan.FromMinutes(3),
            Run = context => CopyClaims.Copy(context, seeds: 3),
        },
        new()
        {
            Name = "delayed-copy",
            Year = 2003,
            Paper = "Bengio et al., \"A neural probabilistic language model\"; LeCun et al. 1998 for convolutions",
            Statement = "A net with a window and a stack of convolutions know what they see and guess the rest; a recurrent net has no such edge.",
            Type = "Models.NeuralNGram.NeuralNGramModel",
            Test = "LongDependencyTests.What_lies_outside_its_window_a_fixed_window_net_never_knows_and_a_recurrent_one_learns",
            Bands =
            [
                Band.AtLeast("fixed window, least share within sight", 0.95),
                Band.AtMost("fixed window, greatest share beyond", 0.35),
                Band.AtLeast("convolutions, least share within sight", 0.95),
                Band.AtMost("convolutions, greatest share beyond", 0.35),
                Band.AtLeast("LSTM, least share within sight", 0.95),
            ],
            Seeds = 3,
            Budget = TimeSpan.FromMinutes(2),
            Run = context => CopyClaims.Windows(context, seeds: 3),
        },
        new()
        {
            Name = "temporal-xor",
            Year = 1990,
            Paper = "Elman, \"Finding structure in time\"",
            Statement = "A simple recurrent network predicts every third bit, the exclusive or of the two before, and finds out which bit is a third.",
            Type = "Layers.Recurrent.Rnn",
            Bands = [Band.AtMost("bits of a third bit", 0.1), new("bits of the others", 0.97, 1.1)],
            Budget = TimeSpan.FromSeconds(3),
            Run = TemporalXorClaim.Measure,
        },
        new()
        {
            Name = "jordan-recall",
            Year = 1986,
            Paper = "Jordan, \"Serial order: a parallel distributed processing approach\"",
            Statement = "Hearing its own output, a network turns a plan that stands still into a sequence; without that it cannot.",
            Type = "Layers.Recurrent.Jordan",
            Bands = [Band.AtLeast("share recalled by Jordan's network", 0.99), Band.AtMost("share recalled without feedback", 0.6)],
            Budget = TimeSpan.FromSeconds(3),
            Run = JordanClaim.Measure,
        },
        new()
        {
            Name = "lstm-gates",
            Year = 2000,
            Paper = "Gers et al., \"Learning to forget\"; Greff et al. 2015, arXiv:1503.04069",
            Statement = "An LSTM that remembers needs each of its gates: shut, nothing is written, kept or read.",
            Type = "Interpretability.HeldValue",
            Test = "RecurrentNetworkTests.An_observer_sees_the_gates_and_may_hold_them",
            Bands =
            [
                Band.AtLeast("share right, intact", 0.95),
                Band.AtMost("share right, input gate held shut", 0.4),
                Band.AtMost("share right, forget gate held shut", 0.4),
                Band.AtMost("share right, output gate held shut", 0.4),
            ],
            Seeds = 3,
            Budget = TimeSpan.FromMinutes(1),
            Run = context => CopyClaims.Gates(context, seeds: 3),
        },
        new()
        {
            Name = "forecast-generated",
            Year = 1997,
            Paper = "Hochreiter and Schmidhuber, \"Long short-term memory\"; the process after Tong and Lim 1980",
            Statement = "Where a series has two habits, an LSTM forecasts it better than a line over two weeks and than yesterday's value.",
            Type = "Layers.Recurrent.Lstm",
            Bands =
            [
                Band.AtMost("error, LSTM to linear", 0.9),
                Band.AtMost("error, LSTM to naive", 0.7),
                Band.AtMost("p of no difference between LSTM and linear (paired t over blocks)", 0.01),
            ],
            Budget = TimeSpan.FromSeconds(5),
            Run = ForecastExperiment.Generated,
        },
        new()
        {
            Name = "forecast-counted",
            Year = 1997,
            Paper = "Hochreiter and Schmidhuber, \"Long short-term memory\"",
            Statement = "The length of a play's next line an LSTM forecasts better than a line over the last 14 and than the last line's.",
            Type = "Layers.Recurrent.Lstm",
            Bands =
            [
                Band.AtMost("error, LSTM to linear", 0.95),
                Band.AtMost("error, LSTM to naive", 0.7),
                Band.AtMost("p of no difference between LSTM and linear (paired t over blocks)", 0.01),
            ],
            Data = ["input.txt"],
            Budget = TimeSpan.FromMinutes(1),
            Run = ForecastExperiment.Counted,
        },
        new()
        {
            Name = "text-cnn-sst2",
            Year = 2014,
            Paper = "Kim, arXiv:1408.5882",
            Statement = "A text CNN with random vectors tells good reviews from bad: at least 79 % from whole sentences (82.7 to 83.5 % with their phrases).",
            Type = "Models.TextCnn.TextCnnModel",
            Bands = [Band.AtLeast(TextCnnClaim.Accuracy, 79)],
            Seeds = 5,
            Data = ["train.tsv", "dev.tsv", "test.tsv"],
            Budget = TimeSpan.FromMinutes(20),
            Run = context => TextCnnClaim.Sst2(context, seeds: 5),
        },
        new()
        {
            Name = "text-cnn-trec",
            Year = 2014,
            Paper = "Kim, arXiv:1408.5882",
            Statement = "A text CNN with random vectors tells what a question asks for: at least 87 % (the re-run of it has 88.2 %).",
            Type = "Models.TextCnn.TextCnnModel",
            Bands = [Band.AtLeast(TextCnnClaim.Accuracy, 87)],
            Seeds = 5,
            Data = ["TREC.train.all", "TREC.test.all"],
            Budget = TimeSpan.FromMinutes(10),
            Run = context => TextCnnClaim.Trec(context, seeds: 5),
        },
        Treebank("ptb-neural-ngram", 2003, "Bengio et al., \"A neural probabilistic language model\"", "A neural n-gram reaches a perplexity of 140 on the words of the Penn Treebank (Mikolov et al. 2011).", "Models.NeuralNGram.NeuralNGramModel", 145, TimeSpan.FromMinutes(30), Presets.PtbNeuralNGram),
        Treebank("ptb-rnn", 2012, "Mikolov and Zweig, \"Context dependent recurrent neural network language model\"", "A simple recurrent network reaches a perplexity of 124.7 on the words of the Penn Treebank.", "Models.Recurrent.RecurrentModel", 128, TimeSpan.FromMinutes(30), Presets.PtbRnn),
        Treebank("ptb-lstm-small", 2014, "Zaremba et al., arXiv:1409.2329", "An LSTM of two layers of 200 units reaches a perplexity of 114.5 on the words of the Penn Treebank.", "Models.Recurrent.RecurrentModel", 115, TimeSpan.FromMinutes(60), Presets.PtbLstmSmall),
        Treebank("ptb-lstm-medium", 2014, "Zaremba et al., arXiv:1409.2329", "An LSTM of two layers of 650 units with dropout between layers, of a perplexity of 82.7 on the words of the Penn Treebank after 39 epochs, is at 88 or less after 17 under a rate that falls by half a cosine.", "Layers.Recurrent.LayerDropout", 88, TimeSpan.FromMinutes(100), FallingMedium),
    ];

    /// <summary>The medium LSTM in as many epochs as two cores have time for in a hundred minutes: a rate that falls from the first update to a hundredth, and factors of bfloat16.</summary>
    private static TrainingRun FallingMedium => Presets.PtbLstmMedium with
    {
        Steps = 17 * Presets.PtbLstmMedium.EvaluationInterval,
        Schedule = new CosineSchedule { LearningRate = 35, FinalLearningRate = 0.35, WarmupSteps = 0 },
        Precision = ComputePrecision.BFloat16,
    };

    private static Claim Treebank(string name, int year, string paper, string statement, string type, double most, TimeSpan budget, TrainingRun preset) => new()
    {
        Name = name,
        Year = year,
        Paper = paper,
        Statement = statement,
        Type = type,
        Bands = [Band.AtMost(TrainingClaim.Perplexity, most)],
        Data = ["ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"],
        Budget = budget,
        Run = context => TrainingClaim.Measure(context, name, preset, "ptb.train.txt", "ptb.valid.txt", "ptb.test.txt"),
    };
}
