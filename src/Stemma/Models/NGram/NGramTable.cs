namespace Stemma.Models.NGram;

/// <summary>
/// All n-grams of a back-off model, sorted: what estimating makes and what files are written from. An n-gram's probability is its own
/// where it is here; otherwise that of the n-gram without its first word, times the weight of its context.
/// </summary>
public sealed class NGramTable : IDisposable
{
    private readonly Workspace _workspace;

    internal NGramTable(Workspace workspace, NGramVocabulary vocabulary, NGramLayout layout, RecordStore<WeightedNGram>[] orders, bool isNormalized)
    {
        (_workspace, Vocabulary, Layout, Orders, IsNormalized) = (workspace, vocabulary, layout, orders, isNormalized);
    }

    /// <summary>The tokens.</summary>
    public NGramVocabulary Vocabulary { get; }

    /// <summary>The most words of an n-gram.</summary>
    public int Order => Orders.Length;

    /// <summary>Whether probabilities of a context sum to one; scores of stupid backoff do not.</summary>
    public bool IsNormalized { get; }

    /// <summary>How many n-grams there are of each order, from 1.</summary>
    public IReadOnlyList<long> Counts => [.. Orders.Select(order => order.Count)];

    /// <summary>Whether anything had to be kept in temporary files.</summary>
    public bool Spilled => _workspace.Spilled;

    internal NGramLayout Layout { get; }

    /// <summary>By order less one, in suffix order.</summary>
    internal RecordStore<WeightedNGram>[] Orders { get; }

    /// <summary>The threads that writing may take.</summary>
    internal int ThreadCount => _workspace.ThreadCount;

    /// <summary>Gives memory and temporary files back.</summary>
    public void Dispose()
    {
        foreach (var order in Orders) order.Dispose();
        _workspace.Dispose();
    }
}
