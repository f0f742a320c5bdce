namespace Stemma.Numerics.Ops;

/// <summary>The windows that a convolution or a pooling lays over a plane of height · width places.</summary>
internal readonly struct WindowGrid
{
    private readonly int _height, _width;
    private readonly (int Y, int X) _kernel, _stride, _padding, _dilation;

    public WindowGrid(int height, int width, (int Y, int X) kernel, (int Y, int X) stride, (int Y, int X) padding, (int Y, int X) dilation)
    {
        if (kernel.Y < 1 || kernel.X < 1 || stride.Y < 1 || stride.X < 1 || dilation.Y < 1 || dilation.X < 1 || padding.Y < 0 || padding.X < 0)
            throw new ArgumentException($"Windows of {kernel} with stride {stride}, padding {padding} and dilation {dilation} cannot be: padding is at least 0, all else at least 1.");
        (_height, _width, _kernel, _stride, _padding, _dilation) = (height, width, kernel, stride, padding, dilation);
        (Rows, Columns) = (Places(height, kernel.Y, stride.Y, padding.Y, dilation.Y), Places(width, kernel.X, stride.X, padding.X, dilation.X));
        if (Rows < 1 || Columns < 1) throw new ArgumentException($"A window of {kernel} with dilation {dilation} is larger than {height} × {width} places with a padding of {padding}.");
    }

    /// <summary>Windows from top to bottom.</summary>
    public int Rows { get; }

    /// <summary>Windows from left to right.</summary>
    public int Columns { get; }

    /// <summary>Windows.</summary>
    public int Count => Rows * Columns;

    /// <summary>Places of a window.</summary>
    public int Size => _kernel.Y * _kernel.X;

    /// <summary>Whether a window may reach outside.</summary>
    public bool LeavesInput => _padding.Y > 0 || _padding.X > 0;

    /// <summary>The row of each place of each window, [batch · windows, size], in planes that lie one after the other; outside is the row after the last.</summary>
    public int[] Ids(int batch)
    {
        var (ids, at, outside) = (new int[batch * Count * Size], 0, batch * _height * _width);
        for (var b = 0; b < batch; b++)
            for (var row = 0; row < Rows; row++)
                for (var column = 0; column < Columns; column++)
                    for (var ky = 0; ky < _kernel.Y; ky++)
                        for (var kx = 0; kx < _kernel.X; kx++)
                        {
                            var (y, x) = (row * _stride.Y - _padding.Y + ky * _dilation.Y, column * _stride.X - _padding.X + kx * _dilation.X);
                            ids[at++] = (uint)y < (uint)_height && (uint)x < (uint)_width ? (b * _height + y) * _width + x : outside;
                        }
        return ids;
    }

    private static int Places(int length, int kernel, int stride, int padding, int dilation)
    {
        var room = length + 2 * padding - dilation * (kernel - 1) - 1;
        return room < 0 ? 0 : room / stride + 1;
    }
}
