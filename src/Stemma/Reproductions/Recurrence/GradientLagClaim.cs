using Stemma.Interpretability;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Reporting;

namespace Stemma.Reproductions.Recurrence;

/// <summary>How far back gradients reach: vanishing, exploding, and carried by a cell.</summary>
internal static class GradientLagClaim
{
    private const int Units = 32, Inputs = 4, Steps = 101, From = 5, To = 60;

    public static Reproduction Measure(ReproductionContext context)
    {
        var vanishing = GradientLag.Measure(new Rnn(Fresh(context), Inputs, Units), Sequence(1, context));
        // Spectral radius 1.6; with inputs next to nothing the units stay where tanh is straight.
        var large = new Rnn(Fresh(context), Inputs, Units, initializer: new Initializer.Uniform(0.5));
        foreach (var bias in (Parameter[])[large.Layers[0].InputBias, large.Layers[0].HiddenBias]) bias.Value.Span<float>().Clear();
        var exploding = GradientLag.Measure(large, Sequence(1e-20, context));
        var lstm = new Lstm(Fresh(context), Inputs, Units);
        lstm.OpenForgetGates(6);
        var carried = GradientLag.Measure(lstm, Sequence(1, context));
        return new()
        {
            Measurements =
            [
                new("tanh network: log of the gradient per step", Slope(vanishing)),
                new("tanh network of spectral radius 1.6: log of the gradient per step", Slope(exploding)),
                new("LSTM with open forget gates: log of the gradient per step", Slope(carried)),
            ],
            Figures = new Dictionary<string, Figure>
            {
                ["gradient-lag"] = new Chart
                {
                    Title = "A gradient on its way back",
                    Subtitle = $"‖∂h/∂x‖ by lag, relative to the last input; {Units} units, fresh weights",
                    X = new LinearAxis("steps back"),
                    Y = new LogAxis("gradient of the last state") { Minimum = 1e-12 },
                    Series = [Line("tanh network", vanishing), Line("tanh network, spectral radius 1.6", exploding), Line("LSTM, forget gates open", carried)],
                },
            },
            Notes = "The slopes are taken from 5 to 60 steps back: a straight line in the logarithm is an exponential.",
        };

        static LineSeries Line(string name, double[] lengths) => new(name, Series.Values(lengths.Select(length => Math.Max(length / lengths[0], 1e-12))));
    }

    private static Weights Fresh(ReproductionContext context) => new(new InitialWeights(9), context.Device);

    private static Tensor Sequence(double scale, ReproductionContext context)
    {
        var random = new RandomStream(4);
        return Tensor.From([.. Enumerable.Range(0, Steps * Inputs).Select(i => (float)(scale * random.Normal((ulong)i)))], [Steps, Inputs], context.Device);
    }

    private static double Slope(double[] lengths) => (Math.Log(lengths[To]) - Math.Log(lengths[From])) / (To - From);
}
