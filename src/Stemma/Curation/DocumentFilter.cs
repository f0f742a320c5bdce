namespace Stemma.Curation;

/// <summary>A step at work on one document at a time. Knows nothing of the others, so that any thread may have any document.</summary>
internal abstract class DocumentFilter
{
    /// <summary>Looks at a document, may change it.</summary>
    /// <param name="document">The document.</param>
    /// <param name="counts">Where it counts what it met.</param>
    /// <returns>The rule by which it is dropped; null when it stays.</returns>
    public abstract string? Apply(CuratedDocument document, RuleCounts counts);
}

/// <summary>How often each rule of a step took hold.</summary>
internal sealed class RuleCounts
{
    public SortedDictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);

    public void Add(string rule, long times = 1) => Counts[rule] = Counts.GetValueOrDefault(rule) + times;
}

/// <summary>
/// A step that has to see all documents before it can judge one: it notes something of each, decides over all notes, and then is a
/// filter like any other.
/// </summary>
internal abstract class GlobalFilter
{
    /// <summary>Writes what the decision needs to know of a document. A pure function of the document.</summary>
    public abstract void Note(CuratedDocument document, BinaryWriter notes);

    /// <summary>Decides over the notes of all parts, in order.</summary>
    /// <param name="notes">A file per part.</param>
    /// <param name="decision">Where the decision is to be written.</param>
    /// <param name="options">Threads and memory.</param>
    /// <param name="cancellation">Stops the work.</param>
    public abstract void Decide(IReadOnlyList<string> notes, Stream decision, DecideOptions options, CancellationToken cancellation);

    /// <summary>The filter that a decision makes.</summary>
    public abstract DocumentFilter Open(string decision);
}

/// <summary>How a global step may work.</summary>
/// <param name="Threads">At least 1.</param>
/// <param name="MemoryBytes">What sorting may take at a time.</param>
internal sealed record DecideOptions(int Threads, long MemoryBytes);
