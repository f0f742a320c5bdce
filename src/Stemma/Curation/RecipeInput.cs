using System.Text.Json.Serialization;
using Stemma.Text.Corpora.Readers;

namespace Stemma.Curation;

/// <summary>Text that a recipe takes in.</summary>
public sealed record RecipeInput
{
    /// <summary>A file, a folder, a glob (<c>crawl/**/*.warc.gz</c>), or <c>dotnet-docs</c> for the documentation in the .NET SDK.</summary>
    public string Path { get; init; } = "";

    /// <summary>How to read it; by the ending of each file's name when null.</summary>
    public InputFormat? Format { get; init; }

    /// <summary>This input's share of the bytes that come out, relative to the weights of the others; as much of it is taken as that asks for, none more than once.</summary>
    public double? Weight { get; init; }

    /// <summary>How many times each document comes, 1 when null; 0.5 takes half of them, 2.5 all twice and half a third time.</summary>
    public double? Epochs { get; init; }

    /// <summary>Bytes of one record, unpacked; longer ones are skipped.</summary>
    public int RecordBytes { get; init; } = ReadLimits.Usual.RecordBytes;

    internal ReadLimits Limits => ReadLimits.Usual with { RecordBytes = RecordBytes };

    internal void Validate(string field)
    {
        if (string.IsNullOrEmpty(Path)) throw new ConfigurationException($"{field}.path is missing: a file, a folder, a glob, or dotnet-docs.");
        if (Weight is not null && Epochs is not null) throw new ConfigurationException($"{field} ({Path}) has both weight and epochs; a weight decides how often its documents come, so only one can hold.");
        if (Weight is { } weight && !(weight > 0 && double.IsFinite(weight))) throw new ConfigurationException($"{field}.weight is {weight}; it must be positive.");
        if (Epochs is { } epochs && !(epochs is > 0 and <= 1000)) throw new ConfigurationException($"{field}.epochs is {epochs}; it lies above 0 and at most at 1000.");
        Check.Positive(RecordBytes, $"{field}.record_bytes");
        Format?.Validate($"{field}.format");
    }

    internal bool MayBeHtml() => Format is HtmlFormat or JsonLinesFormat { Html: true } || (Format is null or WarcFormat && InputFiles.LooksLikeHtml(Path));
}

/// <summary>How files are read.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(TextFormat), "text")]
[JsonDerivedType(typeof(LinesFormat), "lines")]
[JsonDerivedType(typeof(ParagraphsFormat), "paragraphs")]
[JsonDerivedType(typeof(JsonLinesFormat), "jsonl")]
[JsonDerivedType(typeof(CsvFormat), "csv")]
[JsonDerivedType(typeof(TsvFormat), "tsv")]
[JsonDerivedType(typeof(HtmlFormat), "html")]
[JsonDerivedType(typeof(CodeFormat), "code")]
[JsonDerivedType(typeof(XmlDocumentationFormat), "xml_documentation")]
[JsonDerivedType(typeof(WarcFormat), "warc")]
public abstract record InputFormat
{
    internal abstract DocumentReader Reader();

    internal virtual void Validate(string field)
    {
    }

    private protected static void CheckFields(IReadOnlyList<string> names, string field)
    {
        if (names.Count == 0 || names.Any(string.IsNullOrEmpty)) throw new ConfigurationException($"{field} names no field that holds the text.");
    }
}

/// <summary>UTF-8 text, a file a document.</summary>
public sealed record TextFormat : InputFormat
{
    internal override DocumentReader Reader() => new WholeFileReader();
}

/// <summary>UTF-8 text, a line a document.</summary>
public sealed record LinesFormat : InputFormat
{
    internal override DocumentReader Reader() => new LinesReader();
}

/// <summary>UTF-8 text, documents between empty lines.</summary>
public sealed record ParagraphsFormat : InputFormat
{
    internal override DocumentReader Reader() => new ParagraphsReader();
}

/// <summary>A JSON object a line.</summary>
public sealed record JsonLinesFormat : InputFormat
{
    /// <summary>The paths of the fields that hold the text.</summary>
    public IReadOnlyList<string> Fields { get; init; } = ["text"];

    /// <summary>The path of the field that names the document; none when null.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the text is HTML.</summary>
    public bool Html { get; init; }

    internal override DocumentReader Reader() => new JsonLinesReader(Fields, Name, Html ? Markup.Html : Markup.None);

    internal override void Validate(string field) => CheckFields(Fields, $"{field}.fields");
}

/// <summary>Comma-separated values.</summary>
public sealed record CsvFormat : InputFormat
{
    /// <summary>The columns that hold the text, by name, or by number from 1.</summary>
    public IReadOnlyList<string> Columns { get; init; } = ["text"];

    /// <summary>Whether the first row names the columns.</summary>
    public bool Heading { get; init; } = true;

    internal override DocumentReader Reader() => new DelimitedReader(',', Columns, Heading);

    internal override void Validate(string field) => CheckFields(Columns, $"{field}.columns");
}

/// <summary>Tab-separated values.</summary>
public sealed record TsvFormat : InputFormat
{
    /// <summary>The columns that hold the text, by name, or by number from 1.</summary>
    public IReadOnlyList<string> Columns { get; init; } = ["text"];

    /// <summary>Whether the first row names the columns.</summary>
    public bool Heading { get; init; } = true;

    /// <summary>Whether quotation marks group values.</summary>
    public bool Quoted { get; init; }

    internal override DocumentReader Reader() => new DelimitedReader('\t', Columns, Heading, Quoted);

    internal override void Validate(string field) => CheckFields(Columns, $"{field}.columns");
}

/// <summary>HTML, a file a document.</summary>
public sealed record HtmlFormat : InputFormat
{
    internal override DocumentReader Reader() => new WholeFileReader(Markup.Html);
}

/// <summary>The source files of a folder, what its <c>.gitignore</c> files leave.</summary>
public sealed record CodeFormat : InputFormat
{
    internal override DocumentReader Reader() => new WholeFileReader();
}

/// <summary>XML documentation of .NET, a type a document.</summary>
public sealed record XmlDocumentationFormat : InputFormat
{
    internal override DocumentReader Reader() => new XmlDocumentationReader();
}

/// <summary>Common Crawl's WARC and WET files.</summary>
public sealed record WarcFormat : InputFormat
{
    internal override DocumentReader Reader() => new WarcReader();
}
