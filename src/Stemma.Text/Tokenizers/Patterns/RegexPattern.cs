using System.Text.RegularExpressions;

namespace Stemma.Text.Tokenizers.Patterns;

/// <summary>
/// A regular expression. The published ones have scanners of their own (<see cref="PublishedExpressions"/>); any other runs in .NET's engine, without
/// backtracking where the expression allows it, otherwise for at most <see cref="TimeLimit"/> per match.
/// </summary>
/// <remarks>
/// <para>The syntax is .NET's where it and Oniguruma's (which the original uses) agree; an expression .NET does not read is refused. <c>^</c> and
/// <c>$</c> stand for line ends, as in Oniguruma.</para>
/// <para>.NET's engine sees UTF-16 code units. A character outside the basic plane is shown to it as one stand-in of the same general category, so
/// that <c>\p{L}</c> and <c>.</c> mean whole characters; an expression that names such a character itself is refused.</para>
/// </remarks>
public sealed class RegexPattern : TextPattern
{
    /// <summary>How long one match may take.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    private const int LongestExpression = 4096;
    private readonly Regex? regex;

    /// <summary>A pattern for an expression.</summary>
    /// <exception cref="TextFormatException">The expression is not supported; the message says why.</exception>
    public RegexPattern(string expression)
    {
        ArgumentException.ThrowIfNullOrEmpty(expression);
        Expression = expression;
        Scanner = PublishedExpressions.Find(expression);
        if (Scanner is null) regex = Compile(expression);
    }

    /// <summary>The expression.</summary>
    public string Expression { get; }

    /// <summary>The scanner that stands for a published expression; null for any other. It covers the whole text with matches.</summary>
    internal WordScanner? Scanner { get; }

    internal override void Find(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        if (Scanner is not null)
        {
            for (var start = 0; start < text.Length;)
            {
                var end = Scanner.WordEnd(text, start);
                matches.Add((start, end));
                start = end;
            }

            return;
        }

        try
        {
            if (text.ContainsAnyInRange('\uD800', '\uDFFF'))
            {
                var standIn = new StandInText(text);
                foreach (var match in regex!.EnumerateMatches(standIn.Chars))
                    if (match.Length > 0) matches.Add((standIn.Position(match.Index), standIn.Position(match.Index + match.Length)));
            }
            else
            {
                foreach (var match in regex!.EnumerateMatches(text))
                    if (match.Length > 0) matches.Add((match.Index, match.Index + match.Length));
            }
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new TextFormatException($"The tokenizer's expression {Expression} took longer than {TimeLimit.TotalSeconds:0} s for one match; it backtracks without end on this text.", exception);
        }
    }

    private static Regex Compile(string expression)
    {
        if (expression.Length > LongestExpression) throw new TextFormatException($"has {expression.Length} characters; at most {LongestExpression} are supported.");
        if (expression.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) throw new TextFormatException("names a character outside the basic plane, which is not supported.");
        const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.Multiline;
        try
        {
            try
            {
                return new Regex(expression, Options | RegexOptions.NonBacktracking, TimeLimit);
            }
            catch (NotSupportedException)
            {
                return new Regex(expression, Options, TimeLimit);
            }
        }
        catch (ArgumentException exception)
        {
            throw new TextFormatException($"is an expression that is not supported: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
    }
}
