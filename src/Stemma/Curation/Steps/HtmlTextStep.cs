using System.Text;
using System.Text.Json.Serialization;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Stemma.Text.Corpora.Readers;

namespace Stemma.Curation;

/// <summary>
/// HTML to the text of its main part: navigation, footers, lists of links and the like are left out by the density of their text and
/// of their links. Kohlschütter, Fankhauser, Nejdl 2010, "Boilerplate detection using shallow text features", the classifier of
/// densities (figure 3). Documents that are not HTML pass unchanged.
/// </summary>
public sealed record HtmlTextStep : LocalStep
{
    /// <summary>Whether boilerplate is left out; otherwise all visible text is kept.</summary>
    public bool MainTextOnly { get; init; } = true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "html_text";

    internal override void Validate(string field)
    {
    }

    internal override DocumentFilter Build(string prepared) => new Filter(MainTextOnly);

    private sealed class Filter(bool mainTextOnly) : DocumentFilter
    {
        public override string? Apply(CuratedDocument document, RuleCounts counts)
        {
            if (document.Markup != Markup.Html) return null;
            // Parsing takes time that grows with the square of the depth.
            if (HtmlBlocks.IsDeep(document.Text)) return "nested too deep";
            var blocks = HtmlBlocks.Of(document.Text);
            var content = mainTextOnly ? HtmlBlocks.Content(blocks) : blocks;
            counts.Add("blocks", blocks.Count);
            counts.Add("blocks of boilerplate", blocks.Count - content.Count);
            if (content.Count == 0) return "no main text";
            document.Text = string.Join("\n\n", content.Select(block => block.Text));
            document.Markup = Markup.None;
            return null;
        }
    }
}

/// <summary>A stretch of a page that a reader sees as one: a paragraph, a heading, an item of a list.</summary>
/// <param name="Text">Its text, white space collapsed but for line breaks that the page asks for.</param>
/// <param name="WordCount">Its words.</param>
/// <param name="LinkedWordCount">Those of them inside links.</param>
internal readonly record struct HtmlBlock(string Text, int WordCount, int LinkedWordCount)
{
    private const int LineWidth = 80;

    /// <summary>The share of words inside links.</summary>
    public double LinkDensity => WordCount == 0 ? 0 : (double)LinkedWordCount / WordCount;

    /// <summary>Words per line of 80 characters; the last line counts only where it is the only one.</summary>
    public double TextDensity
    {
        get
        {
            var (lines, words, column, inLine) = (0, 0, 0, 0);
            foreach (var range in Text.AsSpan().SplitAny(" \n"))
            {
                var length = range.End.Value - range.Start.Value;
                if (length == 0) continue;
                if (column > 0 && column + 1 + length > LineWidth) (lines, words, column, inLine) = (lines + 1, words + inLine, 0, 0);
                column += (column > 0 ? 1 : 0) + length;
                inLine++;
            }

            return lines == 0 ? inLine : (double)words / lines;
        }
    }
}

/// <summary>A page as blocks of text.</summary>
internal static class HtmlBlocks
{
    private const int MostDepth = 1000, MostNameLength = 16;

    // Elements without an end, and those whose end may be left out.
    private static readonly HashSet<string> LeftOpen = new(
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", "p", "li", "dt", "dd", "td", "th", "tr", "thead", "tbody", "tfoot", "option", "optgroup", "colgroup", "rp", "rt", "path", "rect", "circle", "use", "line", "polygon"],
        StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> Invisible = new(StringComparer.Ordinal)
    {
        "SCRIPT", "STYLE", "NOSCRIPT", "TEMPLATE", "SVG", "MATH", "CANVAS", "IFRAME", "OBJECT", "EMBED", "AUDIO", "VIDEO", "HEAD", "SELECT", "TEXTAREA", "BUTTON", "INPUT", "NAV", "FOOTER", "ASIDE", "DIALOG",
        "svg", "math",
    };

    private static readonly HashSet<string> Blocks = new(StringComparer.Ordinal)
    {
        "ADDRESS", "ARTICLE", "BLOCKQUOTE", "BODY", "CAPTION", "CENTER", "DD", "DETAILS", "DIV", "DL", "DT", "FIELDSET", "FIGCAPTION", "FIGURE", "FORM", "H1", "H2", "H3", "H4", "H5", "H6", "HEADER", "HR",
        "HTML", "LI", "MAIN", "OL", "P", "PRE", "SECTION", "SUMMARY", "TABLE", "TBODY", "TD", "TFOOT", "TH", "THEAD", "TR", "UL",
    };

    /// <summary>Whether elements that have to be closed are opened deeper than any page for people.</summary>
    public static bool IsDeep(string html)
    {
        var depth = 0;
        for (var at = html.IndexOf('<', StringComparison.Ordinal); at >= 0 && at + 1 < html.Length; at = html.IndexOf('<', at + 1))
        {
            var closes = html[at + 1] == '/';
            var start = closes ? at + 2 : at + 1;
            var end = start;
            while (end < html.Length && end - start < MostNameLength && char.IsAsciiLetterOrDigit(html[end])) end++;
            if (end == start || LeftOpen.GetAlternateLookup<ReadOnlySpan<char>>().Contains(html.AsSpan(start, end - start))) continue;
            depth = Math.Max(0, depth + (closes ? -1 : 1));
            if (depth > MostDepth) return true;
        }

        return false;
    }

    /// <summary>The blocks of a page, in order.</summary>
    public static List<HtmlBlock> Of(string html)
    {
        using var page = new HtmlParser(new HtmlParserOptions { IsScripting = false }).ParseDocument(html);
        var builder = new Builder();
        // Without recursion: a hostile page may nest as deep as it is long.
        INode? node = page.DocumentElement;
        while (node is not null)
        {
            var enters = node is not IElement element || !Invisible.Contains(element.NodeName);
            if (node is IText text) builder.Append(text.Data);
            else if (enters && node is IElement opened) builder.Open(opened.NodeName);
            if (enters && node.FirstChild is { } child)
            {
                node = child;
                continue;
            }

            if (enters && node is IElement empty) builder.Close(empty.NodeName);
            while (node is not null && node.NextSibling is null)
            {
                node = node.Parent;
                if (node is IElement closed) builder.Close(closed.NodeName);
            }

            node = node?.NextSibling;
        }

        return builder.End();
    }

    /// <summary>The blocks that are not boilerplate.</summary>
    public static List<HtmlBlock> Content(List<HtmlBlock> blocks)
    {
        List<HtmlBlock> content = [];
        var densities = blocks.ConvertAll(block => block.TextDensity);
        for (var i = 0; i < blocks.Count; i++)
        {
            var (before, after) = (i > 0 ? densities[i - 1] : 0, i + 1 < blocks.Count ? densities[i + 1] : 0);
            if (IsContent(i > 0 ? blocks[i - 1].LinkDensity : 0, before, blocks[i].LinkDensity, densities[i], after)) content.Add(blocks[i]);
        }

        return content;
    }

    // The tree of the paper's figure 3.
    private static bool IsContent(double linksBefore, double before, double links, double density, double after)
    {
        if (links > 0.333333) return false;
        if (linksBefore > 0.555556) return after > 11;
        if (density > 9) return after != 0 || density > 11;
        return after > 10 || before > 4;
    }

    private sealed class Builder
    {
        private readonly List<HtmlBlock> blocks = [];
        private readonly StringBuilder text = new();
        private int words, linkedWords, links, preformatted;
        private bool inWord;

        public void Open(string name)
        {
            if (Blocks.Contains(name)) Break();
            if (name == "A") links++;
            if (name == "PRE") preformatted++;
            if (name == "BR") Line();
        }

        public void Close(string name)
        {
            if (Blocks.Contains(name)) Break();
            if (name == "A") links--;
            if (name == "PRE") preformatted--;
        }

        public void Append(string data)
        {
            foreach (var letter in data)
            {
                if (letter is ' ' or '\t' or '\r' or '\n' or '\f' or '\u00A0')
                {
                    inWord = false;
                    if (letter == '\n' && preformatted > 0) Line();
                    else if (text.Length > 0 && text[^1] is not (' ' or '\n')) text.Append(' ');
                    continue;
                }

                if (!inWord)
                {
                    words++;
                    if (links > 0) linkedWords++;
                }

                inWord = true;
                text.Append(letter);
            }
        }

        public List<HtmlBlock> End()
        {
            Break();
            return blocks;
        }

        private void Line()
        {
            inWord = false;
            if (text.Length > 0 && text[^1] == ' ') text.Length--;
            if (text.Length > 0) text.Append('\n');
        }

        private void Break()
        {
            inWord = false;
            if (words > 0) blocks.Add(new(text.ToString().Trim(), words, linkedWords));
            text.Clear();
            (words, linkedWords) = (0, 0);
        }
    }
}
