using Stemma.Numerics.Formats;

namespace Stemma.Reporting;

/// <summary>
/// A picture made of data. Written as SVG: the same data gives the same bytes, in every culture; light or dark follows the
/// reader's <c>prefers-color-scheme</c>.
/// </summary>
public abstract record Figure
{
    /// <summary>The heading; also what a screen reader says.</summary>
    public required string Title { get; init; }

    /// <summary>Pixels.</summary>
    public int Width { get; init; } = 720;

    /// <summary>Pixels.</summary>
    public int Height { get; init; } = 440;

    /// <summary>Writes the picture.</summary>
    /// <exception cref="ArgumentException">Data that cannot be drawn, such as zero on a logarithmic axis.</exception>
    public void WriteSvg(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(ToSvg());
    }

    /// <summary>The picture as text.</summary>
    /// <inheritdoc cref="WriteSvg" path="/exception"/>
    public string ToSvg()
    {
        var text = new StringWriter { NewLine = "\n" };
        using (var svg = new SvgWriter(text, Title, Width, Height)) Draw(svg);
        text.WriteLine();
        return text.ToString();
    }

    /// <summary>Writes the picture to a file, whole or not at all.</summary>
    /// <inheritdoc cref="WriteSvg" path="/exception"/>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveSvg(string path) => AtomicFile.WriteText(path, ToSvg());

    internal abstract void Draw(SvgWriter svg);
}
