using Stemma.Text.Corpora.Readers;

namespace Stemma.Curation;

/// <summary>What became of the documents: what was read, and what each step did.</summary>
public sealed record CurationReport
{
    /// <summary>What was read, an entry per input.</summary>
    public required IReadOnlyList<ReadingReport> Reading { get; init; }

    /// <summary>The steps, in the recipe's order.</summary>
    public required IReadOnlyList<StepReport> Steps { get; init; }
}

/// <summary>What an input gave.</summary>
public sealed record ReadingReport
{
    /// <summary>The input's number in the recipe.</summary>
    public int Input { get; init; }

    /// <summary>Records that became documents.</summary>
    public long Documents { get; init; }

    /// <summary>Their text in UTF-8 bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Records that were skipped because they are broken.</summary>
    public long Broken { get; init; }

    /// <summary>Records without text by their nature.</summary>
    public long PassedOver { get; init; }

    /// <summary>The first broken records.</summary>
    public IReadOnlyList<ReadProblem> Problems { get; init; } = [];

    internal ReadingReport Plus(ReadingReport other) => this with
    {
        Documents = Documents + other.Documents,
        Bytes = Bytes + other.Bytes,
        Broken = Broken + other.Broken,
        PassedOver = PassedOver + other.PassedOver,
        Problems = [.. Problems.Concat(other.Problems).Take(ReadLog.MostProblems)],
    };
}

/// <summary>What a step did.</summary>
public sealed record StepReport
{
    /// <summary>Samples that are kept.</summary>
    internal const int SampleCount = 10;

    /// <summary>The step's kind.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Documents that came.</summary>
    public long DocumentsIn { get; init; }

    /// <summary>Their text in UTF-8 bytes.</summary>
    public long BytesIn { get; init; }

    /// <summary>Documents that went on.</summary>
    public long DocumentsOut { get; init; }

    /// <summary>Their text in UTF-8 bytes, after the step.</summary>
    public long BytesOut { get; init; }

    /// <summary>Documents that went on with another text.</summary>
    public long Changed { get; init; }

    /// <summary>Dropped documents, by the rule that dropped them.</summary>
    public SortedDictionary<string, long> Dropped { get; init; } = new(StringComparer.Ordinal);

    /// <summary>What else the step counted.</summary>
    public SortedDictionary<string, long> Counts { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Ten of the dropped documents, chosen by a hash of where they are from.</summary>
    public IReadOnlyList<DroppedSample> Samples { get; init; } = [];

    internal StepReport Plus(StepReport other) => this with
    {
        DocumentsIn = DocumentsIn + other.DocumentsIn,
        BytesIn = BytesIn + other.BytesIn,
        DocumentsOut = DocumentsOut + other.DocumentsOut,
        BytesOut = BytesOut + other.BytesOut,
        Changed = Changed + other.Changed,
        Dropped = Sum(Dropped, other.Dropped),
        Counts = Sum(Counts, other.Counts),
        Samples = [.. Samples.Concat(other.Samples).OrderBy(sample => sample.Key).Take(SampleCount)],
    };

    private static SortedDictionary<string, long> Sum(SortedDictionary<string, long> a, SortedDictionary<string, long> b)
    {
        var sum = new SortedDictionary<string, long>(a, StringComparer.Ordinal);
        foreach (var (name, count) in b) sum[name] = sum.GetValueOrDefault(name) + count;
        return sum;
    }
}

/// <summary>A dropped document.</summary>
public sealed record DroppedSample
{
    /// <summary>Decides which samples are kept: the least.</summary>
    public ulong Key { get; init; }

    /// <summary>What its source calls it.</summary>
    public string Name { get; init; } = "";

    /// <summary>Its file.</summary>
    public string File { get; init; } = "";

    /// <summary>Where its record begins, in bytes of the unpacked file.</summary>
    public long Position { get; init; }

    /// <summary>The rule that dropped it.</summary>
    public string Rule { get; init; } = "";

    /// <summary>How its text begins.</summary>
    public string Text { get; init; } = "";
}

/// <summary>What is known of a finished part; it stands beside the part, and is written after it.</summary>
internal sealed record PartReport
{
    /// <summary>The SHA-256 of the part.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Documents in it.</summary>
    public long Documents { get; init; }

    /// <summary>Their text in UTF-8 bytes, for each input.</summary>
    public long[] Bytes { get; init; } = [];

    /// <summary>Where reading goes on, where this part was read from the inputs: the number of the file, and how many of its documents were read.</summary>
    public int NextFile { get; init; }

    /// <summary>See <see cref="NextFile"/>.</summary>
    public long NextDocument { get; init; }

    /// <summary>What was read for it.</summary>
    public IReadOnlyList<ReadingReport> Reading { get; init; } = [];

    /// <summary>What the pass's steps did to it.</summary>
    public IReadOnlyList<StepReport> Steps { get; init; } = [];

    /// <summary>Seconds that each of the steps took on one core; no part of what is hashed.</summary>
    public double[] Seconds { get; init; } = [];

    /// <summary>Seconds of reading.</summary>
    public double ReadingSeconds { get; init; }
}
