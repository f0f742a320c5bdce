using Spectre.Console;

namespace Stemma.Cli.Output;

/// <summary>Lines for a person: coloured on a terminal, plain elsewhere.</summary>
internal sealed class Screen
{
    private readonly TextWriter _writer;
    private readonly IAnsiConsole? _console;
    private bool _hasTransient;

    public Screen(TextWriter writer, bool isTerminal, int width)
    {
        (_writer, Width) = (writer, width);
        if (!isTerminal) return;
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
        });
        _console.Profile.Width = width;
    }

    /// <summary>Whether a person watches: then lines may be rewritten.</summary>
    public bool IsLive => _console is not null;

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Writes a line of Spectre markup.</summary>
    public void Line(string markup = "")
    {
        ClearTransient();
        if (_console is null) _writer.WriteLine(Markup.Remove(markup).TrimEnd());
        else _console.MarkupLine(markup);
        _writer.Flush();
    }

    /// <summary>Writes a line as it is.</summary>
    public void Plain(string text)
    {
        ClearTransient();
        _writer.WriteLine(text);
    }

    /// <summary>Shows a line that the next one replaces; nothing where nobody watches.</summary>
    public void Transient(string markup)
    {
        if (_console is null) return;
        _writer.Write("\r\u001b[K");
        _console.Markup(markup);
        _writer.Flush();
        _hasTransient = true;
    }

    /// <summary>Removes the line that would be replaced.</summary>
    public void ClearTransient()
    {
        if (!_hasTransient) return;
        _writer.Write("\r\u001b[K");
        _writer.Flush();
        _hasTransient = false;
    }

    /// <summary>Writes a table: right-aligned columns where <paramref name="numeric"/> says so, no lines, two spaces apart.</summary>
    public void Table(IReadOnlyList<string> headers, IReadOnlyList<string[]> rows, params IReadOnlyList<int> numeric)
    {
        var widths = headers.Select((header, column) => rows.Select(row => row[column].Length).Append(header.Length).Max()).ToArray();
        Line($"[dim]{Markup.Escape(Cells([.. headers]))}[/]");
        foreach (var row in rows) Line(Markup.Escape(Cells(row)));

        string Cells(string[] cells) => string.Join("  ", cells.Select((cell, column) =>
            numeric.Contains(column) ? cell.PadLeft(widths[column]) : column == cells.Length - 1 ? cell : cell.PadRight(widths[column])));
    }
}
