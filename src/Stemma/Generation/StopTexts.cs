namespace Stemma.Generation;

/// <summary>Watches a stream of text for stop texts, and holds back an end that may be the beginning of one.</summary>
internal sealed class StopTexts(IReadOnlyList<string> stops)
{
    private string _held = "";

    /// <summary>Whether a stop text came.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Adds text.</summary>
    /// <returns>What can be shown now; the text before the stop where one came.</returns>
    public string Append(string text)
    {
        if (Stopped) return "";
        _held += text;
        var first = -1;
        foreach (var stop in stops)
        {
            var at = _held.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (first < 0 || at < first)) first = at;
        }
        if (first >= 0)
        {
            Stopped = true;
            return _held[..first];
        }
        var keep = stops.Count == 0 ? 0 : stops.Max(stop => OpenEnd(_held, stop));
        var ready = _held[..^keep];
        _held = _held[^keep..];
        return ready;
    }

    /// <summary>What was held back, when the text ends without a stop.</summary>
    public string Flush() => Stopped ? "" : _held;

    // The longest end of the text that begins a stop text.
    private static int OpenEnd(string text, string stop)
    {
        for (var length = Math.Min(stop.Length - 1, text.Length); length > 0; length--)
            if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length))) return length;
        return 0;
    }
}
