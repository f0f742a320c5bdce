using System.Runtime.InteropServices;
using Iced.Intel;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Emitted;

/// <summary>The tile registers, with the faults that the processor would raise. Intel SDM volume 2, LDTILECFG to TILEZERO.</summary>
internal sealed partial class Interpreter
{
    private readonly byte[,][] _tiles = NewTiles();
    private (int Rows, int RowBytes)[]? _shapes;

    private bool HasTileState => _shapes != null;

    private static byte[,][] NewTiles()
    {
        var tiles = new byte[8, 16][];
        for (var tile = 0; tile < 8; tile++)
            for (var row = 0; row < 16; row++) tiles[tile, row] = new byte[64];
        return tiles;
    }

    private bool StepTile(in Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Ldtilecfg: Configure(memory.Read(Address(instruction), 64)); return true;
            case Mnemonic.Tilerelease: _shapes = null; return true;
            case Mnemonic.Tilezero: Clear(Tile(instruction.Op0Register)); return true;
            case Mnemonic.Tileloadd:
                var target = Tile(instruction.Op0Register);
                Clear(target);
                for (var row = 0; row < Shape(target).Rows; row++)
                    memory.Read(RowAddress(instruction, row), Shape(target).RowBytes).CopyTo(_tiles[target, row]);
                return true;
            case Mnemonic.Tilestored:
                var source = Tile(instruction.Op1Register);
                for (var row = 0; row < Shape(source).Rows; row++)
                    for (var at = 0; at < Shape(source).RowBytes; at += 4)
                        memory.Write32(RowAddress(instruction, row) + (ulong)at, MemoryMarshal.Read<uint>(_tiles[source, row].AsSpan(at)));
                return true;
            case Mnemonic.Tdpbf16ps: Multiply(Tile(instruction.Op0Register), Tile(instruction.Op1Register), Tile(instruction.Op2Register)); return true;
            default: return false;
        }
    }

    private void Configure(ReadOnlySpan<byte> configuration)
    {
        Assert.Equal(1, configuration[0]);    // the palette of eight tiles of 1 KiB
        Assert.Equal(0, configuration[1]);
        Assert.True(configuration[2..16].IndexOfAnyExcept((byte)0) < 0);
        var shapes = new (int Rows, int RowBytes)[8];
        for (var tile = 0; tile < 16; tile++)
        {
            var (rowBytes, rows) = (MemoryMarshal.Read<ushort>(configuration[(16 + 2 * tile)..]), (int)configuration[48 + tile]);
            Assert.InRange(rows, 0, tile < 8 ? 16 : 0);
            Assert.InRange(rowBytes, 0, tile < 8 ? 64 : 0);
            Assert.Equal(rows == 0, rowBytes == 0);
            Assert.Equal(0, rowBytes % 4);
            if (tile < 8) shapes[tile] = (rows, rowBytes);
        }
        _shapes = shapes;
        for (var tile = 0; tile < 8; tile++) Clear(tile);
    }

    /// <summary>c += a·b, where a row of a and a row of b each hold pairs.</summary>
    private void Multiply(int c, int a, int b)
    {
        Assert.True(c != a && c != b && a != b);
        Assert.Equal(Shape(c).Rows, Shape(a).Rows);
        Assert.Equal(Shape(c).RowBytes, Shape(b).RowBytes);
        Assert.Equal(Shape(a).RowBytes, 4 * Shape(b).Rows);
        Flops += (long)Shape(c).Rows * Shape(c).RowBytes / 4 * Shape(a).RowBytes;    // two per value of a row of a
        for (var row = 0; row < Shape(c).Rows; row++)
        {
            var sums = MemoryMarshal.Cast<byte, float>(_tiles[c, row].AsSpan());
            var pairs = MemoryMarshal.Cast<byte, uint>(_tiles[a, row].AsSpan(0, Shape(a).RowBytes));
            for (var column = 0; column < Shape(c).RowBytes / 4; column++)
            {
                var at = 4 * column;
                sums[column] = BFloat16Arithmetic.DotRow(sums[column], pairs, k => MemoryMarshal.Read<uint>(_tiles[b, k].AsSpan(at)));
            }
        }
    }

    private void Clear(int tile)
    {
        for (var row = 0; row < 16; row++) _tiles[tile, row].AsSpan().Clear();
    }

    // The index register is the stride from row to row.
    private ulong RowAddress(in Instruction instruction, int row)
    {
        Assert.NotEqual(Register.None, instruction.MemoryIndex);
        var stride = _general[Index(instruction.MemoryIndex)] * (ulong)instruction.MemoryIndexScale;
        return instruction.MemoryDisplacement64 + _general[Index(instruction.MemoryBase)] + (ulong)row * stride;
    }

    private (int Rows, int RowBytes) Shape(int tile) => _shapes![tile];

    private int Tile(Register register)
    {
        Assert.InRange(register, Register.TMM0, Register.TMM7);
        Assert.True(_shapes != null, "No tile has a shape yet.");
        var tile = register - Register.TMM0;
        Assert.True(_shapes[tile].Rows > 0, $"Tile {tile} has no shape.");
        return tile;
    }
}
