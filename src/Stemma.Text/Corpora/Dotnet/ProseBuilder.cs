using System.Text;

namespace Stemma.Text.Corpora.Dotnet;

/// <summary>
/// Puts text together with its white space made regular: a run of white space is one space, or one line break where it holds an
/// empty line or a break was asked for; none stands at the start or the end.
/// </summary>
internal sealed class ProseBuilder
{
    private readonly StringBuilder text = new();
    private bool spacePending;
    private bool breakPending;

    public int Length => text.Length;

    public void Break() => breakPending = true;

    public void Append(string value)
    {
        var newLines = 0;
        foreach (var character in value)
        {
            if (char.IsWhiteSpace(character))
            {
                spacePending = true;
                if (character == '\n' && ++newLines >= 2) breakPending = true;
                continue;
            }

            newLines = 0;
            if (text.Length > 0 && (breakPending || spacePending)) text.Append(breakPending ? '\n' : ' ');
            spacePending = breakPending = false;
            text.Append(character);
        }
    }

    /// <summary>Gives the text and starts afresh.</summary>
    public string Take()
    {
        var taken = text.ToString();
        text.Clear();
        spacePending = breakPending = false;
        return taken;
    }
}
