namespace Stemma.Text.Tokenizers;

/// <summary>The bytes of every token, end to end in one array: <c>this[id]</c> is the UTF-8 a token stands for.</summary>
internal sealed class Vocabulary
{
    private readonly byte[] bytes;
    private readonly int[] ends;

    public Vocabulary(IReadOnlyList<byte[]> tokens)
    {
        ends = new int[tokens.Count];
        var end = 0;
        for (var id = 0; id < tokens.Count; id++) ends[id] = end = checked(end + tokens[id].Length);
        bytes = new byte[end];
        for (var id = 0; id < tokens.Count; id++) tokens[id].CopyTo(bytes, ends[id] - tokens[id].Length);
    }

    /// <summary>Bytes that are there already.</summary>
    /// <param name="bytes">Of all tokens.</param>
    /// <param name="ends">Where each ends.</param>
    public Vocabulary(byte[] bytes, int[] ends) => (this.bytes, this.ends) = (bytes, ends);

    public int Count => ends.Length;

    public ReadOnlySpan<byte> this[int id]
    {
        get
        {
            if ((uint)id >= (uint)ends.Length)
                throw new ArgumentOutOfRangeException(nameof(id), id, $"Token {id} is outside the vocabulary of {ends.Length} tokens.");
            var start = id == 0 ? 0 : ends[id - 1];
            return bytes.AsSpan(start, ends[id] - start);
        }
    }
}
