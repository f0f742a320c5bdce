namespace Stemma.Text.Corpora.Readers;

/// <summary>A record that was skipped, and why.</summary>
/// <param name="File">The file.</param>
/// <param name="Position">Where the record begins, in bytes of the unpacked file.</param>
/// <param name="Reason">What is wrong with it, in a few words.</param>
public sealed record ReadProblem(string File, long Position, string Reason);

/// <summary>
/// What a reader met: how many records it gave and how many it had to skip, with the position and the reason of the first ones.
/// All skipped records are counted; the list is bounded.
/// </summary>
public sealed class ReadLog
{
    /// <summary>Problems that are kept word by word; further ones are only counted.</summary>
    public const int MostProblems = 100;

    private readonly List<ReadProblem> problems = [];

    /// <summary>Records that became documents.</summary>
    public long RecordCount { get; private set; }

    /// <summary>Records that were skipped because they are broken.</summary>
    public long BrokenCount { get; private set; }

    /// <summary>Records that carry no text by their nature, such as a crawl's requests; they are not broken.</summary>
    public long PassedOverCount { get; private set; }

    /// <summary>The first skipped records.</summary>
    public IReadOnlyList<ReadProblem> Problems => problems;

    /// <summary>Told of every skipped record, beyond the list's bound too.</summary>
    public Action<ReadProblem>? OnProblem { get; init; }

    /// <summary>Counts a document.</summary>
    public void Read() => RecordCount++;

    /// <summary>Counts a record without text.</summary>
    public void PassOver() => PassedOverCount++;

    /// <summary>Counts a broken record.</summary>
    public void Skip(string file, long position, string reason)
    {
        BrokenCount++;
        var problem = new ReadProblem(file, position, reason);
        if (problems.Count < MostProblems) problems.Add(problem);
        OnProblem?.Invoke(problem);
    }
}
