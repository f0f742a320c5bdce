namespace Stemma.Text.Corpora;

/// <summary>One text of a corpus: what is not divided between training and validation, and what a shard keeps apart.</summary>
/// <param name="Name">Its name within the corpus, unique there: a path with <c>/</c>, or a type's full name.</param>
/// <param name="Text">Its text.</param>
public sealed record Document(string Name, string Text);
