using Stemma.Reproductions.Recurrence;

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
            Budget = TimeSpan.FromMinutes(8),
            Run = context => AddingExperiment.Measure(context, seeds: 3),
        },
        new()
        {
            Name = "copy-problem",
            Year = 1997,
            Paper = "Hochreiter and Schmidhuber, \"Long short-term memory\", section 5.2; Arjovsky et al. 2015, arXiv:1511.06464",
            Statement = "A tanh network does not learn to say three symbols again after 100 steps, an LSTM does after 200.",
            Type = "Layers.Recurrent.Lstm",
            Bands =
            [
                Band.AtMost("share of the tanh network at delay 100", 0.3),
                Band.AtLeast("share of the LSTM at delay 200", 0.95),
            ],
            Seeds = 3,
            Budget = TimeSpan.FromMinutes(8),
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
    ];
}
