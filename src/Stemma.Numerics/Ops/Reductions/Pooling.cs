using System.Numerics;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The largest of each window, channel by channel; the gradient goes to the first place that has it.</summary>
    /// <param name="x">[batch, length, channels].</param>
    /// <param name="kernel">Places of a window, ≥ 1.</param>
    /// <param name="stride">Places from one window to the next; the kernel when 0.</param>
    /// <returns>[batch, windows, channels].</returns>
    public static Tensor MaxPool1D(this Tensor x, int kernel, int stride = 0)
    {
        var (batch, length, channels) = x.Shape;
        var y = x.Reshape(batch, 1, length, channels).MaxPool((1, kernel), (1, stride > 0 ? stride : kernel));
        return y.Reshape(batch, y.Shape[2], channels);
    }

    /// <summary>The same over two axes.</summary>
    /// <param name="x">[batch, height, width, channels].</param>
    /// <param name="kernel">Places of a window along each axis, ≥ 1.</param>
    /// <param name="stride">Places from one window to the next; the kernel when 0.</param>
    /// <returns>[batch, rows, columns, channels].</returns>
    public static Tensor MaxPool2D(this Tensor x, int kernel, int stride = 0) => x.MaxPool((kernel, kernel), stride > 0 ? (stride, stride) : (kernel, kernel));

    /// <summary>The mean of each window, channel by channel.</summary>
    /// <param name="x">[batch, length, channels].</param>
    /// <param name="kernel">Places of a window, ≥ 1.</param>
    /// <param name="stride">Places from one window to the next; the kernel when 0.</param>
    /// <returns>[batch, windows, channels].</returns>
    public static Tensor MeanPool1D(this Tensor x, int kernel, int stride = 0)
    {
        var (batch, length, channels) = x.Shape;
        var grid = new WindowGrid(1, length, (1, kernel), (1, stride > 0 ? stride : kernel), (0, 0), (1, 1));
        return x.Reshape(batch * length, channels).Gather(Tensor.From(grid.Ids(batch), [batch * grid.Count, kernel], x.Device)).Mean(1).Reshape(batch, grid.Count, channels);
    }

    /// <summary>
    /// The largest of each sequence's rows, channel by channel: max-over-time pooling, Collobert et al. 2011, arXiv:1103.0398. The gradient
    /// goes to the first row that has it.
    /// </summary>
    /// <param name="x">[rows, channels].</param>
    /// <param name="layout">The rows of each sequence; none may be empty.</param>
    /// <returns>[sequences, channels].</returns>
    /// <exception cref="ArgumentException">A sequence without rows.</exception>
    public static Tensor MaxOverTime(this Tensor x, SequenceLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var windows = new int[layout.Count][];
        for (var s = 0; s < windows.Length; s++)
        {
            windows[s] = [.. Enumerable.Range(layout.QueryOffsets[s], layout.QueryOffsets[s + 1] - layout.QueryOffsets[s])];
            if (windows[s].Length == 0) throw new ArgumentException($"Sequence {s} has no rows; there is no largest of none.", nameof(layout));
        }
        return x.LargestOf(windows);
    }

    private static Tensor MaxPool(this Tensor x, (int Y, int X) kernel, (int Y, int X) stride)
    {
        var (batch, height, width, channels) = x.Shape;
        var grid = new WindowGrid(height, width, kernel, stride, (0, 0), (1, 1));
        return x.Reshape(batch * height * width, channels).LargestOf(grid.Ids(batch).Chunk(grid.Size)).Reshape(batch, grid.Rows, grid.Columns, channels);
    }

    /// <summary>Of the rows of each window the largest, channel by channel: it is looked for once, and then fetched like an embedding.</summary>
    private static Tensor LargestOf(this Tensor x, IEnumerable<int[]> windows)
    {
        x = x.ForCompute().Contiguous();
        var ids = x.DType == DType.Float32 ? Largest<float>(x, windows) : Largest<double>(x, windows);
        var (rows, channels) = x.Shape;
        return x.Reshape(rows * channels, 1).Gather(Tensor.From(ids, [ids.Length], x.Device)).Reshape(ids.Length / channels, channels);
    }

    private static int[] Largest<T>(Tensor x, IEnumerable<int[]> windows) where T : unmanaged, INumber<T>
    {
        var (values, channels, ids) = (x.ToArray<T>(), x.Shape[1], new List<int>());
        var best = new int[channels];
        foreach (var window in windows)
        {
            for (var c = 0; c < channels; c++) best[c] = window[0] * channels + c;
            foreach (var row in window)
                for (var c = 0; c < channels; c++)
                    if (values[row * channels + c] > values[best[c]]) best[c] = row * channels + c;
            ids.AddRange(best);
        }
        return [.. ids];
    }
}
