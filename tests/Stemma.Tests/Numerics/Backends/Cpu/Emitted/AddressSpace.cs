using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Emitted;

/// <summary>The memory that interpreted code may touch. Every access is looked up; one outside fails the test.</summary>
internal sealed unsafe class AddressSpace
{
    private readonly List<(ulong Start, ulong Length, bool Writable, string Name)> _regions = [];

    /// <summary>Lets code read, and maybe write, some bytes.</summary>
    public void Add(string name, void* start, long length, bool writable = false) => _regions.Add(((ulong)start, (ulong)length, writable, name));

    public uint Read32(ulong address) => *(uint*)At(address, 4, write: false);

    public ulong Read64(ulong address) => *(ulong*)At(address, 8, write: false);

    public void Write32(ulong address, uint value) => *(uint*)At(address, 4, write: true) = value;

    public void Write64(ulong address, ulong value) => *(ulong*)At(address, 8, write: true) = value;

    public ReadOnlySpan<byte> Read(ulong address, int length) => new(At(address, (ulong)length, write: false), length);

    private void* At(ulong address, ulong length, bool write)
    {
        foreach (var region in _regions)
        {
            if (address < region.Start || address + length > region.Start + region.Length) continue;
            if (write && !region.Writable) Assert.Fail($"The code writes to {region.Name}, which it may only read.");
            return (void*)address;
        }
        var near = _regions.MinBy(region => Math.Min(Math.Abs((long)(address - region.Start)), Math.Abs((long)(address - region.Start - region.Length))));
        Assert.Fail($"The code {(write ? "writes" : "reads")} {length} bytes at {(long)(address - near.Start)} of {near.Name}, which has {near.Length}.");
        return null;
    }
}
