using System.Globalization;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;

namespace Stemma.Models.MultilayerPerceptron;

/// <summary>
/// A multilayer perceptron: what one threshold cannot say (XOR), a hidden layer can, and given enough units it comes as near as wanted
/// to any continuous function (Cybenko 1989; Hornik et al. 1989). See <see cref="MultilayerPerceptronConfig"/>.
/// </summary>
public sealed class MultilayerPerceptronModel
{
    private readonly Linear _input, _output;
    private readonly Stacking.Block[] _blocks;

    internal MultilayerPerceptronModel(MultilayerPerceptronConfig config, IWeights weights)
    {
        Config = config;
        _input = weights.Linear("input", config.InputSize, config.HiddenSize, config.Initializer);
        _blocks = [.. Enumerable.Range(1, config.LayerCount - 1).Select(i => config.Stacking.Build(weights["hidden"][i.ToString(CultureInfo.InvariantCulture)], config.HiddenSize, config.Initializer))];
        _output = weights.Linear("output", config.HiddenSize, config.OutputSize, config.Initializer);
        Parameters = weights.All;
    }

    /// <summary>Its sizes and parts.</summary>
    public MultilayerPerceptronConfig Config { get; }

    /// <summary>All weights.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The scores of every row.</summary>
    /// <param name="x">[rows, input].</param>
    /// <param name="observer">Sees <see cref="Site.MlpPre"/> and <see cref="Site.MlpPost"/> of every hidden layer, from 0.</param>
    /// <returns>[rows, output].</returns>
    public Tensor Forward(Tensor x, IObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        x = Activate(_input.Forward(x), 0, observer);
        for (var i = 0; i < _blocks.Length; i++)
        {
            var layer = i + 1;
            x = _blocks[i](x, z => Activate(z, layer, observer));
        }
        return _output.Forward(x);
    }

    /// <summary>The mean cross-entropy of classes, in nats.</summary>
    /// <param name="x">[rows, input].</param>
    /// <param name="labels">int32 [rows].</param>
    public Tensor Loss(Tensor x, Tensor labels) => Forward(x).CrossEntropy(labels);

    /// <summary>The class of the highest score of each row.</summary>
    /// <param name="x">[rows, input].</param>
    public int[] Predict(Tensor x)
    {
        using var scope = Memory.Scope();
        using var pause = Tape.Pause();
        return [.. Forward(x).ToArray<float>().Chunk(Config.OutputSize).Select(scores => Array.IndexOf(scores, scores.Max()))];
    }

    /// <summary>The share of rows whose class is right.</summary>
    /// <param name="x">[rows, input].</param>
    /// <param name="labels">int32 [rows].</param>
    public double Accuracy(Tensor x, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var right = Predict(x).Zip(labels.ToArray<int>(), (predicted, label) => predicted == label).Count(same => same);
        return right / (double)labels.Count;
    }

    /// <summary>Learns classes: steps over batches of rows in their order, from the beginning again when they end; rows at the end that fill no batch are left out.</summary>
    /// <param name="x">[rows, input].</param>
    /// <param name="labels">int32 [rows].</param>
    /// <param name="batchSize">Rows per step, at most all.</param>
    /// <param name="steps">How many.</param>
    /// <param name="optimizer">Of this net's <see cref="Parameters"/>.</param>
    /// <param name="learningRate">η.</param>
    /// <returns>The loss of each step's batch before the step, in nats.</returns>
    public IReadOnlyList<double> Train(Tensor x, Tensor labels, int batchSize, int steps, Optimizer optimizer, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(optimizer);
        var rows = x.Shape[0];
        if (batchSize < 1 || batchSize > rows) throw new ArgumentException($"A batch of {batchSize} of {rows} rows; take from 1 to all of them.", nameof(batchSize));
        var losses = new double[steps];
        for (var step = 0; step < steps; step++)
        {
            using var tape = Tape.Start();
            var start = step % (rows / batchSize) * batchSize;
            var loss = Loss(x.Slice(0, start, batchSize), labels.Slice(0, start, batchSize));
            losses[step] = loss.ToScalar();
            optimizer.Step(tape.Backward(loss), learningRate);
        }
        return losses;
    }

    private Tensor Activate(Tensor z, int layer, IObserver? observer)
    {
        if (observer is null) return Config.Activation(z);
        return observer.Observe(Site.MlpPost, layer, Config.Activation(observer.Observe(Site.MlpPre, layer, z)));
    }
}
