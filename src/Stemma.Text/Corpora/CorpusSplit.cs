using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Stemma.Text.Corpora;

/// <summary>
/// Divides a corpus into training and validation by document. A document's side is a function of its name, the seed and the
/// fraction alone: the order of the documents and the other documents have no say, so a corpus can grow without moving any.
/// </summary>
/// <remarks>
/// Two cases need more than that. A corpus of one document is divided by position: the first
/// ⌊characters × (1 − fraction)⌋ characters train and the rest validates, which with 0.1 is nanoGPT's split of tiny Shakespeare
/// (characters are Unicode scalar values). And neither side of several documents stays empty: when none would validate, the one
/// whose hash comes closest does; when none would train, the same the other way round.
/// </remarks>
public sealed class CorpusSplit
{
    private readonly ulong threshold;
    private readonly double fraction;

    /// <summary>A division of documents.</summary>
    /// <param name="validationFraction">The expected share of documents that validate, 0 ≤ fraction &lt; 1. 0 keeps everything for training.</param>
    /// <param name="seed">Chooses among divisions.</param>
    public CorpusSplit(double validationFraction = 0.1, ulong seed = 0)
    {
        if (!(validationFraction is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(validationFraction), validationFraction, "The validation fraction must be at least 0 and below 1.");
        (fraction, Seed) = (validationFraction, seed);
        threshold = (ulong)(validationFraction * 18446744073709551616.0);
    }

    /// <summary>The expected share of documents that validate.</summary>
    public double ValidationFraction => fraction;

    /// <summary>What chooses among divisions.</summary>
    public ulong Seed { get; }

    /// <summary>Whether a document of this name validates, in a corpus large enough to have both sides.</summary>
    public bool IsValidation(string documentName) => HashOf(documentName) < threshold;

    /// <summary>The documents to train on, in the corpus's order; with few documents one may come later than its place.</summary>
    public IEnumerable<Document> Train(Corpus corpus)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        return Side(corpus, validation: false);
    }

    /// <summary>The documents to validate on, in the corpus's order; with few documents one may come later than its place.</summary>
    public IEnumerable<Document> Validation(Corpus corpus)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        return Side(corpus, validation: true);
    }

    private IEnumerable<Document> Side(Corpus corpus, bool validation)
    {
        using var documents = corpus.Documents().GetEnumerator();
        if (!documents.MoveNext()) yield break;
        var first = documents.Current;
        if (!documents.MoveNext())
        {
            if (Part(first, validation) is { } part) yield return part;
            yield break;
        }

        // Until the other side is known to have a document, the nearest candidate for it is held back.
        var otherHasOne = fraction == 0;
        var (any, held, heldDistance) = (false, default(Document), ulong.MaxValue);
        (Document Document, ulong Distance)? best = null;
        foreach (var document in Rest(first, documents))
        {
            var hash = HashOf(document.Name);
            var mine = hash < threshold == validation;
            var distance = hash < threshold ? threshold - 1 - hash : hash - threshold;
            if (!mine)
            {
                if (!any && (best is null || distance < best.Value.Distance)) best = (document, distance);
                if (held is not null) yield return held;
                (held, otherHasOne) = (null, true);
                continue;
            }

            any = true;
            var ready = document;
            if (!otherHasOne && distance < heldDistance) (ready, held, heldDistance) = (held, document, distance);
            if (ready is not null) yield return ready;
        }

        if (!any && best is { } nearest && fraction > 0) yield return nearest.Document;
    }

    private static IEnumerable<Document> Rest(Document first, IEnumerator<Document> others)
    {
        yield return first;
        do yield return others.Current;
        while (others.MoveNext());
    }

    private Document? Part(Document document, bool validation)
    {
        if (fraction == 0) return validation ? null : document;
        var characters = document.Text.Length - document.Text.Count(char.IsLowSurrogate);
        var wanted = (int)(characters * (1 - fraction));
        if (wanted == 0 || wanted == characters)
            throw new TextFormatException($"{document.Name} holds {characters} characters, too few to divide into training and validation.");
        var cut = 0;
        for (var seen = 0; seen < wanted; seen++) cut += char.IsSurrogatePair(document.Text, cut) ? 2 : 1;
        return document with { Text = validation ? document.Text[cut..] : document.Text[..cut] };
    }

    private ulong HashOf(string name)
    {
        Span<byte> hash = stackalloc byte[32];
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(name)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Seed);
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(8));
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
