namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// A convolution along one axis (cross-correlation, as networks have it): every place of the output is a linear function of the window
    /// of inputs around it, the same at all places. Waibel et al. 1989, "Phoneme recognition using time-delay neural networks".
    /// </summary>
    /// <param name="x">[batch, length, input]: channels last, as rows of tokens lie.</param>
    /// <param name="weight">[output, input, kernel].</param>
    /// <param name="bias">[output], or none.</param>
    /// <param name="stride">Places from one window to the next, ≥ 1.</param>
    /// <param name="padding">Zeros before the first and after the last place, ≥ 0.</param>
    /// <param name="dilation">Places from one element of a window to the next, ≥ 1.</param>
    /// <returns>[batch, places, output].</returns>
    /// <exception cref="ArgumentException">Shapes that do not fit, or a window longer than the padded input.</exception>
    public static Tensor Convolution1D(this Tensor x, Tensor weight, Tensor? bias = null, int stride = 1, int padding = 0, int dilation = 1)
    {
        if (x.Rank != 3 || weight.Rank != 3) throw new ArgumentException($"A convolution over one axis takes [batch, length, input] and [output, input, kernel]; got {x.Shape} and {weight.Shape}.");
        var (batch, length, input) = x.Shape;
        var (output, _, kernel) = weight.Shape;
        var y = x.Reshape(batch, 1, length, input).Convolve(weight.Reshape(output, weight.Shape[1], 1, kernel), bias, (1, stride), (0, padding), (1, dilation));
        return y.Reshape(batch, y.Shape[2], output);
    }

    /// <summary>The same over two axes. LeCun et al. 1998, "Gradient-based learning applied to document recognition".</summary>
    /// <param name="x">[batch, height, width, input].</param>
    /// <param name="weight">[output, input, kernel height, kernel width].</param>
    /// <param name="bias">[output], or none.</param>
    /// <param name="stride">Places from one window to the next along each axis, ≥ 1.</param>
    /// <param name="padding">Zeros on every side, ≥ 0.</param>
    /// <param name="dilation">Places from one element of a window to the next, ≥ 1.</param>
    /// <returns>[batch, rows, columns, output].</returns>
    /// <exception cref="ArgumentException">Shapes that do not fit, or a window larger than the padded input.</exception>
    public static Tensor Convolution2D(this Tensor x, Tensor weight, Tensor? bias = null, int stride = 1, int padding = 0, int dilation = 1) =>
        x.Convolve(weight, bias, (stride, stride), (padding, padding), (dilation, dilation));

    // All windows become rows (im2col; Chellapilla et al. 2006), and the convolution one product.
    private static Tensor Convolve(this Tensor x, Tensor weight, Tensor? bias, (int Y, int X) stride, (int Y, int X) padding, (int Y, int X) dilation)
    {
        if (x.Rank != 4 || weight.Rank != 4 || x.Shape[3] != weight.Shape[1]) throw new ArgumentException($"A convolution with a weight [output, input, kernel ..] of shape {weight.Shape} takes its inputs as the last axis; got {x.Shape}.");
        var ((batch, height, width, input), output) = (x.Shape, weight.Shape[0]);
        var grid = new WindowGrid(height, width, (weight.Shape[2], weight.Shape[3]), stride, padding, dilation);
        var rows = x.Reshape(batch * height * width, input);
        // What lies outside is one more row, of zeros.
        if (grid.LeavesInput) rows = rows.Pad(0, 0, rows.Shape[0] + 1);
        var windows = rows.Gather(Tensor.From(grid.Ids(batch), [batch * grid.Count, grid.Size], x.Device)).Reshape(batch * grid.Count, grid.Size * input);
        var matrix = weight.Reshape(output, input, grid.Size).Transpose(1, 2).Reshape(output, grid.Size * input);
        return windows.Linear(matrix, bias).Reshape(batch, grid.Rows, grid.Columns, output);
    }
}
