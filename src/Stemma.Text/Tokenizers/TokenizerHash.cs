using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Stemma.Text.Tokenizers;

/// <summary>
/// SHA-256 over what decides a tokenizer's behaviour and nothing else: numbers are little-endian 32-bit, strings and byte
/// runs are preceded by their length in bytes, so no two tokenizers share a serialisation.
/// </summary>
internal sealed class TokenizerHash : IDisposable
{
    private readonly IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Add(int value)
    {
        Span<byte> buffer = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(buffer, value);
        sha.AppendData(buffer);
    }

    public void Add(ReadOnlySpan<byte> value)
    {
        Add(value.Length);
        sha.AppendData(value);
    }

    public void Add(string value) => Add(Encoding.UTF8.GetBytes(value));

    public string ToHex() => Convert.ToHexStringLower(sha.GetHashAndReset());

    public void Dispose() => sha.Dispose();
}
