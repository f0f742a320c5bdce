using Stemma.Numerics;

namespace Stemma.Models.Word2Vec;

/// <summary>The bits of a random stream one after another, made by the block.</summary>
internal sealed class RandomBits(RandomStream stream)
{
    private readonly uint[] _block = new uint[1024];
    private ulong _position;
    private int _next = 1024;

    public uint Next()
    {
        if (_next == _block.Length)
        {
            Philox.FillUniformBits(stream.Seed, stream.Stream, _position, _block);
            _position += (ulong)_block.Length;
            _next = 0;
        }
        return _block[_next++];
    }

    /// <summary>Uniform among 0 … <paramref name="count"/> − 1.</summary>
    public int Below(int count) => (int)(((ulong)Next() * (uint)count) >> 32);
}
