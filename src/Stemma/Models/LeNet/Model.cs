using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.LeNet;

/// <summary>
/// A small net for pictures after LeNet-5: twice a convolution of 5 × 5, a rectifier and the largest of each 2 × 2, then two linear layers.
/// LeCun et al. 1998, "Gradient-based learning applied to document recognition".
/// </summary>
/// <remarks>Rectifiers and maxima stand for the original's tanh and means; the second convolution sees all maps of the first.</remarks>
public sealed class LeNetModel
{
    private readonly Parameter[] _weights, _biases;
    private readonly Linear _hidden, _output;

    /// <summary>Builds the net.</summary>
    /// <param name="weights">Its scope.</param>
    /// <param name="size">Height and width of a picture, at least 16.</param>
    /// <param name="classCount">Classes to choose from.</param>
    public LeNetModel(IWeights weights, int size, int classCount)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 16);
        int[] maps = [1, 6, 16];
        _weights = [.. Enumerable.Range(0, 2).Select(i => weights[$"convolution.{i}"].Tensor("weight", [maps[i + 1], maps[i], 5, 5], new Initializer.Normal(Math.Sqrt(2.0 / (25 * maps[i])))))];
        _biases = [.. Enumerable.Range(0, 2).Select(i => weights[$"convolution.{i}"].Tensor("bias", [maps[i + 1]], new Initializer.Constant(0)))];
        var side = ((size - 4) / 2 - 4) / 2;
        _hidden = weights.Linear("hidden", side * side * maps[2], 84, new Initializer.Normal(Math.Sqrt(2.0 / (side * side * maps[2]))));
        _output = weights.Linear("output", 84, classCount, new Initializer.Normal(Math.Sqrt(1.0 / 84)));
        Parameters = weights.All;
    }

    /// <summary>All weights.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The logits of each picture's classes.</summary>
    /// <param name="pictures">[batch, size, size, 1].</param>
    /// <returns>[batch, classes].</returns>
    public Tensor Logits(Tensor pictures)
    {
        var maps = Maps(pictures)[^1];
        return _output.Forward(_hidden.Forward(maps.Reshape(maps.Shape[0], (int)(maps.Count / maps.Shape[0]))).Relu());
    }

    /// <summary>What each stage sees in a picture: after the first convolution, the first pooling, the second of each; [batch, rows, columns, maps].</summary>
    /// <param name="pictures">[batch, size, size, 1].</param>
    public IReadOnlyList<Tensor> Maps(Tensor pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        var stages = new List<Tensor>();
        var x = pictures;
        for (var i = 0; i < 2; i++)
        {
            stages.Add(x.Convolution2D(_weights[i], _biases[i].Value).Relu());
            stages.Add(x = stages[^1].MaxPool2D(2));
        }
        return stages;
    }
}
