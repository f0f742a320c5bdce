using System.Globalization;
using Stemma.Evaluation.Statistics;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Reporting;
using Stemma.Training.Tasks;

namespace Stemma.Reproductions.Recurrence;

/// <summary>One number ahead of a series: an LSTM, a linear autoregression over 14 values, and the naive forecast that tomorrow is as today.</summary>
internal sealed class ForecastExperiment
{
    private const int Window = 14, Length = 64, Batch = 16, Updates = 600, Block = 20, Shown = 60;

    private readonly double[] _series;
    private readonly int _first, _period;
    private readonly double _mean, _scale;
    private readonly Device _device;

    /// <summary>The last fifth is forecast, the rest learned from.</summary>
    private ForecastExperiment(double[] series, int period, Device device)
    {
        (_series, _first, _period, _device) = (series, series.Length * 4 / 5, period, device);
        _mean = series[.._first].Average();
        _scale = Math.Sqrt(series[.._first].Average(value => (value - _mean) * (value - _mean)));
    }

    /// <summary>The generated series, whose best forecast is known.</summary>
    public static Reproduction Generated(ReproductionContext context)
    {
        var series = ThresholdSeries.Draw(4000, new RandomStream(1).Fork("days"));
        return new ForecastExperiment(series, 7, context.Device).Measure(context, "forecast-generated", "day", day => ThresholdSeries.BestForecast(series[day], day),
            "4,000 days of a stated process (`Training.Tasks.ThresholdSeries`): a week's pattern and a threshold autoregression. The best forecast is that of who knows the process.");
    }

    /// <summary>A series that is counted: letters of each line of a text, empty lines too.</summary>
    public static Reproduction Counted(ReproductionContext context)
    {
        var lines = File.ReadLines(context.Data("input.txt")).Take(8000).Select(line => (double)line.Length).ToArray();
        if (lines.Length < 1000) throw new ConfigurationException($"input.txt has {lines.Length} lines; a forecast needs at least 1,000.");
        return new ForecastExperiment(lines, 1, context.Device).Measure(context, "forecast-counted", "line", null,
            "The letters of each of the first 8,000 lines of tinyshakespeare, empty lines included: names, speeches and the gaps between them.");
    }

    private Reproduction Measure(ReproductionContext context, string name, string unit, Func<int, double>? best, string notes)
    {
        var lstm = Trained("LSTM", weights => SequenceReader.Recurrent(new Lstm(weights, 1 + _period, 32)), context);
        var linear = Trained("linear", weights => SequenceReader.Rows(weights, 1 + _period, Window), context);
        int[] days = [.. Enumerable.Range(_first, _series.Length - 1 - _first)];
        var (errors, lines) = (Errors(lstm), Errors(linear));
        var naive = days.Select(day => Square(_series[day + 1] - _series[day])).ToArray();
        var variance = _scale * _scale;
        List<Measurement> measured =
        [
            new("LSTM, error relative to the variance", errors.Average() / variance), new("linear, error relative to the variance", lines.Average() / variance), new("naive, error relative to the variance", naive.Average() / variance),
            Ratio("LSTM to linear", errors, lines), Ratio("LSTM to naive", errors, naive),
            new("p of no difference between LSTM and linear (paired t over blocks)", SignificanceTests.PairedT([.. Blocks(errors).Zip(Blocks(lines), (a, b) => a - b)]).PValue),
        ];
        if (best is not null) measured.Add(new("best possible, error relative to the variance", days.Average(day => Square(_series[day + 1] - best(day))) / variance));
        return new()
        {
            Measurements = measured,
            Figures = new Dictionary<string, Figure>
            {
                [name] = new Chart
                {
                    Title = "One step ahead",
                    Subtitle = $"The first {Shown} forecasts of what was held out",
                    X = new LinearAxis(unit),
                    Y = new LinearAxis("value"),
                    Series =
                    [
                        new PointSeries("what came", [.. days.Take(Shown).Select(day => new ChartPoint(day + 1, _series[day + 1]))]),
                        new LineSeries("LSTM", [.. days.Take(Shown).Select(day => new ChartPoint(day + 1, lstm[day]))]),
                        new LineSeries("linear", [.. days.Take(Shown).Select(day => new ChartPoint(day + 1, linear[day]))]) { IsDashed = true },
                    ],
                },
            },
            Notes = $"{notes} Both nets read the value{(_period > 1 ? $" and the day of the week" : "")}; the linear one sees {Window} of them side by side, the LSTM has 32 units. Adam at 0.005 falling to 0, {Updates} updates of {Batch} stretches of {Length}. Errors are squared, one step ahead, on the last fifth; ratios carry 95 % intervals of a bootstrap over blocks of {Block}.",
        };

        double[] Errors(double[] forecast) => [.. days.Select(day => Square(_series[day + 1] - forecast[day]))];
    }

    /// <summary>Trains a net; its forecast of the value after each one.</summary>
    private double[] Trained(string name, Func<IWeights, SequenceReader> build, ReproductionContext context)
    {
        var weights = new Weights(new InitialWeights(1), _device);
        var net = build(weights["net"]);
        var output = weights.Linear("output", net.Size, 1, new Initializer.Uniform(1 / Math.Sqrt(net.Size)));
        var (optimizer, random) = (new AdamConfig().Build(weights.All), new RandomStream(1).Fork("stretches"));
        int[] counted = [.. Enumerable.Range(0, Batch * Length).Where(row => row % Length >= Window)];
        var loss = 0.0;
        for (var update = 0; update < Updates; update++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            int[] rows = [.. Enumerable.Range(0, Batch).SelectMany(s => Enumerable.Range((int)random.Below(_first - Length - 1, (ulong)(update * Batch + s)), Length))];
            var targets = Tensor.From([.. counted.Select(i => Scaled(rows[i] + 1))], [counted.Length, 1], _device);
            var said = Forecast(rows, SequenceLayout.Batch(Batch, Length)).Gather(Tensor.From(counted, [counted.Length], _device));
            var error = (said - targets).Square().Mean();
            loss = error.ToScalar();
            optimizer.Step(tape.Backward(error).ClipNorm(1), 5e-3 * (1 - (double)update / Updates));
        }
        context.Progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{name}: error {loss:0.000} of the variance in the last batch"));
        using var end = Memory.Scope();
        int[] all = [.. Enumerable.Range(0, _series.Length)];
        return [.. Forecast(all, SequenceLayout.Batch(1, all.Length)).ToArray<float>().Select(value => _mean + _scale * value)];

        Tensor Forecast(int[] rows, SequenceLayout layout)
        {
            var x = new float[rows.Length * (1 + _period)];
            foreach (var (i, row) in rows.Index())
            {
                x[i * (1 + _period)] = Scaled(row);
                x[i * (1 + _period) + 1 + row % _period] = 1;
            }
            return output.Forward(net.Forward(Tensor.From(x, [rows.Length, 1 + _period], _device), new Pass(layout)));
        }
    }

    private float Scaled(int day) => (float)((_series[day] - _mean) / _scale);

    private static Measurement Ratio(string name, double[] errors, double[] others)
    {
        const int Samples = 1000;
        var (mine, theirs, random) = (Blocks(errors), Blocks(others), new RandomStream(1).Fork("blocks"));
        var ratios = Enumerable.Range(0, Samples).Select(sample =>
        {
            var drawn = Enumerable.Range(0, mine.Length).Select(i => (int)random.Below(mine.Length, (ulong)(sample * mine.Length + i))).ToArray();
            return drawn.Sum(i => mine[i]) / drawn.Sum(i => theirs[i]);
        }).Order().ToArray();
        return new($"error, {name}", errors.Average() / others.Average(), ratios[Samples / 40], ratios[Samples - 1 - Samples / 40]);
    }

    // Neighbours err together: blocks of them hardly do.
    private static double[] Blocks(double[] errors) => [.. errors.Chunk(Block).Where(block => block.Length == Block).Select(block => block.Average())];

    private static double Square(double x) => x * x;
}
