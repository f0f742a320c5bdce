using System.Globalization;
using System.Text;

namespace Stemma.Tests.Curation;

/// <summary>Good documents with bad ones planted among them, and the knowledge of which is which.</summary>
internal sealed class PlantedCorpus
{
    /// <summary>The list of a safety step: two words and a phrase.</summary>
    public static readonly string[] UnsafeWords = ["grumblefluff", "snarkwhistle", "the vexing dobbin"];

    private readonly Random _random;

    /// <summary>Plants into prose.</summary>
    /// <param name="prose">Good English documents of 60 words and more, none twice.</param>
    /// <param name="german">German sentences.</param>
    /// <param name="japanese">Japanese paragraphs.</param>
    /// <param name="evaluation">Passages of an evaluation set.</param>
    /// <param name="count">Documents of each planted kind.</param>
    /// <param name="seed">Decides all.</param>
    public PlantedCorpus(IReadOnlyList<string> prose, IReadOnlyList<string> german, IReadOnlyList<string> japanese, IReadOnlyList<string> evaluation, int count, int seed)
    {
        _random = new(seed);
        foreach (var (i, text) in prose.Index()) Documents.Add(($"good-{i}", text));
        for (var i = 0; i < count; i++)
        {
            Documents.Add(($"exact-{i}", Pick(prose)));
            Near(Pick(prose), i);
            Personal(Pick(prose), i);
            Pages.Add(($"page-{i}", Page(prose, i)));
            Documents.Add(($"language-{i}", i % 2 == 0 ? string.Join(' ', Enumerable.Range(0, 8).Select(_ => Pick(german))) : Pick(japanese)));
            Documents.Add(($"garbage-{i}", Garbage(i)));
            Documents.Add(($"unsafe-{i}", Unsafe(Pick(prose), i)));
            var words = Pick(prose).Split(' ');
            Documents.Add(($"contaminated-{i}", string.Join(' ', words[..(words.Length / 2)]) + " " + Pick(evaluation) + " " + string.Join(' ', words[(words.Length / 2)..])));
        }

        // Copies come after what they are copies of; all else lies anywhere.
        Documents = [.. Documents.OrderBy(document => document.Id.StartsWith("good-", StringComparison.Ordinal) ? 0 : 1)];
    }

    /// <summary>Plain documents.</summary>
    public List<(string Id, string Text)> Documents { get; } = [];

    /// <summary>Pages of HTML.</summary>
    public List<(string Id, string Text)> Pages { get; } = [];

    /// <summary>Of each page, the paragraphs that matter and those that surround them.</summary>
    public Dictionary<string, (List<string> Main, List<string> Boilerplate)> Blocks { get; } = [];

    /// <summary>Of each document with personal data, what has to go, and what only looks like it and has to stay.</summary>
    public Dictionary<string, (List<string> Items, List<string> Decoys)> PersonalItems { get; } = [];

    /// <summary>Texts whose similarities are known exactly: variants, and what they are variants of.</summary>
    public List<(string Original, string Id, string Text)> Variants { get; } = [];

    private string Pick(IReadOnlyList<string> from) => from[_random.Next(from.Count)];

    // From hardly changed to hardly alike.
    private void Near(string original, int i)
    {
        var words = original.Split(' ');
        var changes = Math.Max(1, (int)(words.Length * 0.07 * _random.NextDouble()));
        for (var change = 0; change < changes; change++) words[_random.Next(words.Length)] = SmallCorpus.Word(_random);
        var text = string.Join(' ', words);
        Documents.Add(($"near-{i}", text));
        Variants.Add((original, $"near-{i}", text));
    }

    private void Personal(string text, int i)
    {
        List<string> items = [], decoys = [];
        var sentences = new List<string> { text };
        for (var n = 0; n < 1 + i % 3; n++)
        {
            var digits = _random.Next(1000, 9999);
            var (sentence, item) = _random.Next(5) switch
            {
                0 => ("You can write to {0} about it.", $"{SmallCorpus.Word(_random)}.{SmallCorpus.Word(_random)}{_random.Next(99)}@{SmallCorpus.Word(_random)}.{(_random.Next(2) == 0 ? "com" : "co.uk")}"),
                1 => ("The telephone number is {0} and nobody answers.", _random.Next(3) switch { 0 => $"({_random.Next(201, 989)}) 555-{digits}", 1 => $"{_random.Next(201, 989)}-555-{digits}", _ => $"+{_random.Next(20, 60)} {_random.Next(20, 99)} {_random.Next(100, 999)} {digits}" }),
                2 => ("The visitor came from {0} at night.", $"{_random.Next(11, 223)}.{_random.Next(1, 255)}.{_random.Next(1, 255)}.{_random.Next(1, 255)}"),
                3 => ("She paid with the card {0} as always.", Card()),
                _ => ("His address was {0}, he said.", $"{SmallCorpus.Word(_random)}@{SmallCorpus.Word(_random)}.org"),
            };
            items.Add(item);
            sentences.Add(string.Format(CultureInfo.InvariantCulture, sentence, item));
            var decoy = _random.Next(4) switch { 0 => $"version {_random.Next(9)}.{_random.Next(20)}.{_random.Next(9999)}", 1 => $"{_random.Next(1900, 2024)}-{_random.Next(10, 12)}-{_random.Next(10, 28)}", 2 => $"order {_random.NextInt64(100_000_000, 999_999_999)}", _ => $"{_random.Next(1, 99)},{_random.Next(100, 999)},{_random.Next(100, 999)} people" };
            decoys.Add(decoy);
            sentences.Add($"It was about the {decoy} that they spoke.");
        }

        Documents.Add(($"personal-{i}", string.Join(' ', sentences)));
        PersonalItems[$"personal-{i}"] = (items, decoys);
    }

    private string Card()
    {
        var digits = new int[16];
        digits[0] = 4;
        for (var i = 1; i < 15; i++) digits[i] = _random.Next(10);
        var sum = 0;
        for (var i = 0; i < 15; i++) sum += i % 2 == 0 ? (digits[i] * 2 > 9 ? digits[i] * 2 - 9 : digits[i] * 2) : digits[i];
        digits[15] = (10 - sum % 10) % 10;
        var text = string.Concat(digits);
        return _random.Next(2) == 0 ? text : string.Join(' ', text.Chunk(4).Select(group => new string(group)));
    }

    private string Page(IReadOnlyList<string> prose, int i)
    {
        List<string> main = [.. Enumerable.Range(0, 2 + i % 3).Select(_ => Pick(prose).Replace('<', ' ').Replace('>', ' ').Replace('&', ' ')).Select(text => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        List<string> boilerplate = [], links = [.. Enumerable.Range(0, 6).Select(_ => $"{SmallCorpus.Word(_random)} {SmallCorpus.Word(_random)}")];
        string Around(string text)
        {
            boilerplate.Add(text);
            return text;
        }

        var page = new StringBuilder("<!doctype html><html><head><title>A page</title><script>track('page');</script></head><body>");
        page.Append($"<div class=top>{Around($"Sign in {SmallCorpus.Word(_random)}")}</div><ul>{string.Concat(links.Select(link => $"<li><a href='/x'>{Around(link)}</a></li>"))}</ul>");
        page.Append(string.Concat(main.Select(text => $"<p>{text}</p>")));
        page.Append($"<div><a href=a>{Around($"Read more about {SmallCorpus.Word(_random)}")}</a></div><div>{Around($"Share on {SmallCorpus.Word(_random)}")}</div>");
        page.Append($"<ul>{string.Concat(Enumerable.Range(0, 4).Select(_ => $"<li><a href=b>{Around($"News of {SmallCorpus.Word(_random)} and {SmallCorpus.Word(_random)}")}</a></li>"))}</ul>");
        page.Append($"<footer><p>{Around($"Copyright {_random.Next(1990, 2024)} {SmallCorpus.Word(_random)}, all rights reserved")}</p></footer></body></html>");
        Blocks[$"page-{i}"] = (main, boilerplate);
        return page.ToString();
    }

    // A listed word or phrase among good ones; in half of the good company stands what only looks like it.
    private string Unsafe(string text, int i)
    {
        var words = text.Split(' ').ToList();
        words.Insert(_random.Next(words.Count), (i % 3) switch { 0 => UnsafeWords[i % 2], 1 => UnsafeWords[i % 2].ToUpperInvariant() + ".", _ => UnsafeWords[2] });
        return string.Join(' ', words);
    }

    private string Garbage(int i)
    {
        var text = new StringBuilder();
        for (var n = 0; n < 120; n++)
        {
            text.Append((i % 5) switch
            {
                0 => string.Concat(Enumerable.Range(0, 2 + _random.Next(8)).Select(_ => (char)('a' + _random.Next(26)))),
                1 => Convert.ToBase64String([.. Enumerable.Range(0, 6).Select(_ => (byte)_random.Next(256))]),
                2 => $"{_random.Next(100_000)}",
                3 => string.Concat(Enumerable.Range(0, 1 + _random.Next(6)).Select(_ => "#$%^&*()_+=<>|~"[_random.Next(15)])),
                _ => "buy now cheap",
            }).Append(' ');
        }

        return text.ToString();
    }
}
