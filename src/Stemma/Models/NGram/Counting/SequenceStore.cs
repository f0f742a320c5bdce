using System.Runtime.InteropServices;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Models.NGram;

/// <summary>The tokens of a text, sequence after sequence, each followed by a mark. A sequence is a document, or what an end token ends within one.</summary>
internal sealed class SequenceStore(Workspace workspace) : IDisposable
{
    /// <summary>Stands after every sequence.</summary>
    public const int Boundary = -1;

    /// <summary>Tokens and marks.</summary>
    public RecordStore<int> Tokens { get; } = new(workspace);

    /// <summary>Sequences read.</summary>
    public long SequenceCount { get; private set; }

    /// <summary>Tokens read, ends included.</summary>
    public long TokenCount { get; private set; }

    /// <summary>Reads documents with a tokenizer.</summary>
    public static SequenceStore Read(Workspace workspace, IEnumerable<Document> documents, Tokenizer tokenizer, int? end, CancellationToken cancellation)
    {
        var store = new SequenceStore(workspace);
        var ids = new List<int>();
        foreach (var document in documents)
        {
            cancellation.ThrowIfCancellationRequested();
            ids.Clear();
            tokenizer.Encode(document.Text, ids);
            store.Add(CollectionsMarshal.AsSpan(ids), end);
        }
        store.Tokens.Seal();
        return store;
    }

    /// <summary>Reads documents word by word, learning the words on the way.</summary>
    public static (SequenceStore Store, WordTokenizer Tokenizer) ReadWords(Workspace workspace, IEnumerable<Document> documents, CancellationToken cancellation)
    {
        var store = new SequenceStore(workspace);
        var words = new WordTrainer();
        var ids = new List<int>();
        foreach (var document in documents)
        {
            cancellation.ThrowIfCancellationRequested();
            ids.Clear();
            words.Encode(document.Text, ids);
            store.Add(CollectionsMarshal.AsSpan(ids), WordTokenizer.EndId);
        }
        store.Tokens.Seal();
        return (store, words.Build());
    }

    public void Dispose() => Tokens.Dispose();

    private void Add(ReadOnlySpan<int> ids, int? end)
    {
        while (!ids.IsEmpty)
        {
            var length = end is { } id ? ids.IndexOf(id) : -1;
            var sequence = length < 0 ? ids : ids[..length];
            Tokens.AddRange(sequence);
            if (end is { } last) Tokens.Add(last);
            Tokens.Add(Boundary);
            SequenceCount++;
            TokenCount += sequence.Length + (end is null ? 0 : 1);
            ids = length < 0 ? [] : ids[(length + 1)..];
        }
    }
}
