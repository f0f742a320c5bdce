namespace Stemma.Curation;

/// <summary>How a build may work; nothing of it changes what comes out.</summary>
public sealed record CurationOptions
{
    /// <summary>Threads, at least 1.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>What sorting over all documents may take at a time.</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>Whether the files between the passes stay.</summary>
    public bool KeepWork { get; init; }

    /// <summary>Told what is being done.</summary>
    public IProgress<CurationProgress>? Progress { get; init; }

    /// <summary>Told of every dropped document: the step's number, the document, the rule.</summary>
    internal Action<int, CuratedDocument, string>? Dropped { get; init; }
}
