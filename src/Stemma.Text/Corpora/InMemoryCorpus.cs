namespace Stemma.Text.Corpora;

/// <summary>Documents a program already holds.</summary>
/// <param name="name">What a person calls the corpus.</param>
/// <param name="documents">The documents, names unique.</param>
public sealed class InMemoryCorpus(string name, IReadOnlyList<Document> documents) : Corpus
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override IEnumerable<Document> Documents() => documents;
}
