namespace Stemma.Curation;

/// <summary>
/// What a built folder is made of, each thing by the SHA-256 of its bytes and of what it was made from: a shard from the last pass, a
/// pass from the one before and a decision, the first from the files of the inputs.
/// </summary>
public sealed record CurationManifest
{
    /// <summary>The format of the manifest.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The recipe.</summary>
    public required Artefact Recipe { get; init; }

    /// <summary>The files that were read.</summary>
    public required IReadOnlyList<InputArtefact> Inputs { get; init; }

    /// <summary>What steps made before the first document: trained models, lists.</summary>
    public required IReadOnlyList<Artefact> Prepared { get; init; }

    /// <summary>The passes over the documents, in order.</summary>
    public required IReadOnlyList<PassArtefact> Passes { get; init; }

    /// <summary>The tokenizer.</summary>
    public required Artefact Tokenizer { get; init; }

    /// <summary>The tokens.</summary>
    public required IReadOnlyList<ShardArtefact> Shards { get; init; }

    /// <summary>What each step did.</summary>
    public required Artefact Report { get; init; }
}

/// <summary>A file of a built folder.</summary>
public record Artefact
{
    /// <summary>Its path below the folder.</summary>
    public string Path { get; init; } = "";

    /// <summary>The SHA-256 of its bytes.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>The SHA-256 of what it was made from.</summary>
    public IReadOnlyList<string> From { get; init; } = [];
}

/// <summary>A file that was read.</summary>
public sealed record InputArtefact
{
    /// <summary>The input's number in the recipe.</summary>
    public int Input { get; init; }

    /// <summary>What documents call it.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its length.</summary>
    public long Bytes { get; init; }

    /// <summary>The SHA-256 of its bytes.</summary>
    public string Sha256 { get; init; } = "";
}

/// <summary>A pass over all documents.</summary>
public sealed record PassArtefact
{
    /// <summary>The kinds of its steps.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>Documents that it left.</summary>
    public long Documents { get; init; }

    /// <summary>Their text in UTF-8 bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>The SHA-256 of each part, in order.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>The SHA-256 of the decision over all documents that it began with; null where there was none.</summary>
    public string? Decision { get; init; }

    /// <summary>The SHA-256 of all of that together.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>The SHA-256 of what it was made from.</summary>
    public IReadOnlyList<string> From { get; init; } = [];
}

/// <summary>A shard with its list of documents.</summary>
public sealed record ShardArtefact : Artefact
{
    /// <summary>Whether it is of what is held out.</summary>
    public bool HeldOut { get; init; }

    /// <summary>The list of its documents.</summary>
    public string DocumentsPath { get; init; } = "";

    /// <summary>The SHA-256 of that list.</summary>
    public string DocumentsSha256 { get; init; } = "";

    /// <summary>Documents in it.</summary>
    public long Documents { get; init; }

    /// <summary>Tokens in it.</summary>
    public long Tokens { get; init; }

    /// <summary>Their text in UTF-8 bytes.</summary>
    public long Bytes { get; init; }
}

/// <summary>A document of a shard: a line of its list.</summary>
public sealed record ShardDocument
{
    /// <summary>What its source calls it.</summary>
    public string Name { get; init; } = "";

    /// <summary>The file it is from.</summary>
    public string File { get; init; } = "";

    /// <summary>Where its record begins, in bytes of the unpacked file.</summary>
    public long Position { get; init; }

    /// <summary>The input's number in the recipe.</summary>
    public int Input { get; init; }

    /// <summary>The part it went through.</summary>
    public long Part { get; init; }

    /// <summary>Its language; empty where no step asked for it.</summary>
    public string Language { get; init; } = "";

    /// <summary>The steps that changed it.</summary>
    public IReadOnlyList<string> ChangedBy { get; init; } = [];

    /// <summary>Its text in UTF-8 bytes.</summary>
    public long Bytes { get; init; }
}
