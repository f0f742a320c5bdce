using System.Runtime.InteropServices;
using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu.Emitted;
using CallingConvention = Stemma.Numerics.Backends.Cpu.Emitted.CallingConvention;

namespace Stemma.Tests.Numerics.Backends.Cpu.Emitted;

/// <summary>The operands of one call of a generated kernel, each in memory of exactly its size.</summary>
internal sealed unsafe class Strip
{
    private readonly int _rows, _columns, _steps;
    private readonly nint _strideA, _panelStride, _strideC;
    private readonly ushort[] _a, _b;
    private readonly float[] _c, _bias;
    private nint _atA, _atB, _atC, _atBias;

    public Strip(int rows, int columns, int depth, int depthStep, Random random, bool anyBits)
    {
        (_rows, _columns, _steps) = (rows, columns, (depth + depthStep - 1) / depthStep);
        var padded = _steps * depthStep;
        var panels = (columns + StripArguments.PanelColumns - 1) / StripArguments.PanelColumns;
        (_strideA, _panelStride, _strideC) = (padded + random.Next(3) * 8, padded * StripArguments.PanelColumns + random.Next(2) * 32, columns + random.Next(4));
        _a = Array((rows - 1) * _strideA + padded);
        _b = Array((panels - 1) * _panelStride + padded * StripArguments.PanelColumns);
        _c = Floats((rows - 1) * _strideC + columns);
        _bias = Floats(columns);
        for (var row = 0; row < rows; row++) _a.AsSpan((int)(row * _strideA) + depth, padded - depth).Clear();
        for (var panel = 0; panel < panels; panel++)
            for (var k = depth; k < padded; k++)
                for (var column = 0; column < StripArguments.PanelColumns; column++) _b[AtB(k, panel * StripArguments.PanelColumns + column)] = 0;

        ushort[] Array(nint length)
        {
            var values = new ushort[length];
            foreach (ref var value in values.AsSpan())
                value = anyBits ? (ushort)random.Next(1 << 16) : ((BFloat16)(float)(random.NextDouble() * 2 - 1)).Bits;
            return values;
        }

        float[] Floats(nint length) => [.. Enumerable.Range(0, (int)length).Select(_ => (float)(random.NextDouble() * 2 - 1))];
    }

    /// <summary>What a kernel makes of C.</summary>
    public float[] Run(StripKernels kernels, bool bias, bool add)
    {
        var result = (float[])_c.Clone();
        fixed (ushort* a = _a, b = _b)
        fixed (float* c = result, d = _bias)
        {
            (_atA, _atB, _atC, _atBias) = ((nint)a, (nint)b, (nint)c, (nint)d);
            // What is asked for ahead need not exist.
            var ahead = new StripAhead { First = (byte*)64, Second = 1 << 20, Step = 1 << 12, NextPanel = -64 };
            kernels.Compute(_rows, _columns, _steps, a, _strideA, b, _panelStride, c, _strideC, bias ? d : null, add, bias ? ahead : default, add ? default : ahead);
        }
        return result;
    }

    /// <summary>Interprets the calls of a kernel, which may touch the operands and nothing else.</summary>
    public StripCall Interpret(CallingConvention convention) => (code, arguments) =>
    {
        var memory = new AddressSpace();
        memory.Add("the argument", arguments, sizeof(StripArguments), writable: true);
        if (arguments->Tiles != null) memory.Add("the tile shapes", arguments->Tiles, sizeof(TileConfiguration));
        memory.Add("A", (void*)_atA, _a.Length * sizeof(ushort));
        memory.Add("B", (void*)_atB, _b.Length * sizeof(ushort));
        memory.Add("C", (void*)_atC, _c.Length * sizeof(float), writable: true);
        memory.Add("the bias", (void*)_atBias, _bias.Length * sizeof(float));
        new Interpreter(memory).Call(code, arguments, convention);
    };

    /// <summary>The same sums in the order of the instructions, one element at a time.</summary>
    public float[] Expected(bool bias, bool add, bool tileOrder, int depthStep)
    {
        var result = (float[])_c.Clone();
        for (var row = 0; row < _rows; row++)
        {
            for (var column = 0; column < _columns; column++)
            {
                ref var c = ref result[row * _strideC + column];
                c = tileOrder ? Tiles(row, column, (add ? c : 0) + (bias ? _bias[column] : 0), depthStep) : Pairs(row, column, add ? c : null, bias ? _bias[column] : null, depthStep);
            }
        }
        return result;
    }

    private float Tiles(int row, int column, float sum, int depthStep)
    {
        for (var k = 0; k < _steps * depthStep; k += depthStep)
            sum = BFloat16Arithmetic.DotRow(sum, MemoryMarshal.Cast<ushort, uint>(_a.AsSpan((int)(row * _strideA) + k, depthStep)), pair => PairB(k + 2 * pair, column));
        return sum;
    }

    private float Pairs(int row, int column, float? add, float? bias, int depthStep)
    {
        var sum = 0f;
        for (var k = 0; k < _steps * depthStep; k += 2)
            sum = BFloat16Arithmetic.DotPair(sum, MemoryMarshal.Cast<ushort, uint>(_a.AsSpan((int)(row * _strideA) + k, 2))[0], PairB(k, column));
        if (add is float c) sum += c;
        return bias is float d ? sum + d : sum;
    }

    private uint PairB(int k, int column) => _b[AtB(k, column)] | (uint)_b[AtB(k + 1, column)] << 16;

    private int AtB(int k, int column) => (int)(column / StripArguments.PanelColumns * _panelStride) + k / 2 * 2 * StripArguments.PanelColumns + column % StripArguments.PanelColumns * 2 + k % 2;
}
