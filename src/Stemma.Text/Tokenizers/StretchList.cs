namespace Stemma.Text.Tokenizers;

/// <summary>
/// The stretches of a normalised segment: an added token with the bytes of the original it stands for, or plain text, which then is in the words of
/// the session.
/// </summary>
internal struct StretchList(PipelineSession session, List<TextSegment>? segments, bool isFirst)
{
    private int index = -1;

    public ((AddedToken Token, int Start, int End)? Added, bool IsFirst) Current { get; private set; }

    public readonly StretchList GetEnumerator() => this;

    public bool MoveNext()
    {
        var text = session.Normalized;
        index++;
        if (index >= (segments?.Count ?? 1)) return false;
        var segment = segments?[index] ?? new TextSegment(0, text.Chars.Length, null);
        var end = segment.Start + segment.Length;
        if (segment.Token is { } token)
        {
            var (first, last) = text.IsAligned ? text.Origin(segment.Start, end) : default;
            Current = ((token, first, last), false);
            return true;
        }

        session.Words.Text.Take(text, segment.Start, end);
        Current = (null, isFirst && segment.Start == 0);
        return true;
    }
}
