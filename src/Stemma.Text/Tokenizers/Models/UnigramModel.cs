using System.Text;
using System.Text.Json;
using Stemma.Text.Tokenizers.Unigram;

namespace Stemma.Text.Tokenizers.Models;

/// <summary>
/// A Unigram model (Kudo 2018, arXiv:1804.10959): of all ways to divide a word into pieces the most probable one. Adjacent characters that no
/// piece covers are one unknown token, or their bytes.
/// </summary>
public sealed class UnigramModel : VocabularyModel
{
    /// <summary>A piece with this score or less matches no text: a byte or a control token, which the format does not tell apart from text.</summary>
    internal const float Never = -1000;

    private readonly float[] scores;
    private readonly UnigramPieces unigrams;
    private readonly int[]? byteIds;

    /// <summary>A model of these pieces.</summary>
    /// <param name="pieces">The pieces by id.</param>
    /// <param name="scores">Their log-probabilities, in nats.</param>
    /// <param name="unknownId">The piece for what no other covers; null when there is none, and then such a character is an error.</param>
    /// <param name="byteFallback">Whether an unknown character becomes its UTF-8 bytes, where all of those are pieces.</param>
    public UnigramModel(IReadOnlyList<string> pieces, IReadOnlyList<float> scores, int? unknownId, bool byteFallback)
        : base(pieces)
    {
        (this.scores, UnknownId, ByteFallback) = ([.. scores], unknownId, byteFallback);
        if (byteFallback) byteIds = Vocabulary.ByteIds();
        unigrams = new UnigramPieces([.. pieces.Select((piece, id) => (piece, id, scores[id])).Where(entry => entry.id != unknownId && entry.piece.Length > 0 && scores[entry.id] > Never)], unknownId ?? pieces.Count, new HashSet<int>());
    }

    /// <summary>The piece for what no other covers; null when there is none.</summary>
    public int? UnknownId { get; }

    /// <summary>Whether an unknown character becomes its UTF-8 bytes, where all of those are pieces.</summary>
    public bool ByteFallback { get; }

    internal override WordEncoder StartEncoder() => new Encoder(this);

    internal override void AddTo(TokenizerHash hash)
    {
        hash.Add("Unigram");
        hash.Add(UnknownId ?? -1);
        hash.Add(ByteFallback ? 1 : 0);
        foreach (var score in scores) hash.Add(BitConverter.SingleToInt32Bits(score));
    }

    internal override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "Unigram");
        if (UnknownId is { } unknown) json.WriteNumber("unk_id", unknown);
        else json.WriteNull("unk_id");
        json.WriteStartArray("vocab");
        for (var id = 0; id < VocabSize; id++)
        {
            json.WriteStartArray();
            json.WriteStringValue(Piece(id));
            json.WriteNumberValue(scores[id]);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteBoolean("byte_fallback", ByteFallback);
    }

    private sealed class Encoder(UnigramModel model) : WordEncoder
    {
        private readonly Viterbi viterbi = new(model.unigrams);
        private readonly List<int> found = [];
        private readonly List<int> lengths = [];
        private byte[] utf8 = [];

        public override void Encode(ReadOnlySpan<char> word, List<int> ids, List<int>? byteLengths)
        {
            if (utf8.Length < word.Length * 3) utf8 = new byte[word.Length * 3];
            var bytes = utf8.AsSpan(0, Encoding.UTF8.GetBytes(word, utf8));
            found.Clear();
            lengths.Clear();
            viterbi.Segment(bytes, found, lengths);
            var unknown = model.unigrams.Unknown;
            var at = 0;
            for (var i = 0; i < found.Count; i++)
            {
                var length = lengths[i];
                if (found[i] != unknown)
                {
                    ids.Add(found[i]);
                    byteLengths?.Add(length);
                    at += length;
                    continue;
                }

                for (; i + 1 < found.Count && found[i + 1] == unknown; i++) length += lengths[i + 1];
                AddUnknown(bytes.Slice(at, length), ids, byteLengths);
                at += length;
            }
        }

        private void AddUnknown(ReadOnlySpan<byte> bytes, List<int> ids, List<int>? byteLengths)
        {
            if (model.byteIds is { } byteIds)
            {
                var known = true;
                foreach (var value in bytes) known &= byteIds[value] >= 0;
                if (known)
                {
                    foreach (var value in bytes)
                    {
                        ids.Add(byteIds[value]);
                        byteLengths?.Add(1);
                    }

                    return;
                }
            }

            if (model.UnknownId is not { } id) throw new TextFormatException($"\"{Encoding.UTF8.GetString(bytes)}\" is not covered by the vocabulary, and the model has no unknown token.");
            ids.Add(id);
            byteLengths?.Add(bytes.Length);
        }
    }
}
