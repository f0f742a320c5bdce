using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace Stemma.Curation;

/// <summary>Of documents with the same text the first stays. Compared by 128 bits of their SHA-256.</summary>
public sealed record ExactDuplicatesStep : GlobalStep
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Kind => "exact_duplicates";

    internal override void Validate(string field)
    {
    }

    internal override GlobalFilter Build() => new Filter();

    private sealed class Filter : GlobalFilter
    {
        public override void Note(CuratedDocument document, BinaryWriter notes)
        {
            Span<byte> hash = stackalloc byte[32];
            SHA256.HashData(MemoryMarshal.AsBytes(document.Text.AsSpan()), hash);
            notes.Write(hash[..16]);
        }

        public override void Decide(IReadOnlyList<string> notes, Stream decision, DecideOptions options, CancellationToken cancellation)
        {
            var dropped = new List<(long, long)>();
            // What begins alike meets in one pass over the notes; there are as many passes as memory makes needful.
            foreach (var group in KeyGroups.Of(notes, sizeof(ulong) * 2, 0, options.MemoryBytes, cancellation))
            {
                var first = 0;
                for (var i = 1; i < group.Count; i++)
                    if (group[i].Key == group[first].Key) dropped.Add((group[i].Id, group[first].Id));
                    else first = i;
            }

            DropList.Write(decision, dropped);
        }

        public override DocumentFilter Open(string decision) => DropList.Open(decision, "exact duplicate");
    }
}
