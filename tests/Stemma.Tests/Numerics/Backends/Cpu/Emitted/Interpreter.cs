using Iced.Intel;
using Stemma.Numerics.Backends.Cpu.Emitted;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Emitted;

/// <summary>
/// Runs generated functions by decoding their machine code and doing what each instruction says, for processors that this machine is not.
/// It knows the instructions that the generated kernels consist of and fails on any other; the caller's registers must come back as they were.
/// </summary>
internal sealed unsafe partial class Interpreter(AddressSpace memory)
{
    private const ulong ReturnAddress = 0x5EED;

    private readonly Dictionary<ulong, Instruction> _decoded = [];
    private readonly ulong[] _general = new ulong[16];    // in encoding order: rax rcx rdx rbx rsp rbp rsi rdi r8 …
    private readonly uint[][] _vectors = [.. Enumerable.Range(0, 32).Select(_ => new uint[16])];
    private readonly ulong[] _masks = new ulong[8];
    private bool _zero;

    /// <summary>Multiplications and additions of bfloat16 products so far.</summary>
    public long Flops { get; private set; }

    /// <summary>Calls a function of one argument.</summary>
    public void Call(byte* code, void* argument, CallingConvention convention)
    {
        const int StackLength = 4096;
        var stack = stackalloc byte[StackLength];
        memory.Add("the stack", stack, StackLength, writable: true);
        var random = new Random(1);
        for (var i = 0; i < 16; i++) _general[i] = (ulong)random.NextInt64();
        foreach (var vector in _vectors)
            for (var i = 0; i < vector.Length; i++) vector[i] = (uint)random.Next();
        var (rsp, argumentRegister) = (Index(Register.RSP), Index(convention == CallingConvention.Windows ? Register.RCX : Register.RDI));
        _general[rsp] = (ulong)stack + StackLength - 64 - 8;    // as after a call from a 16-byte boundary
        _general[argumentRegister] = (ulong)argument;
        memory.Write64(_general[rsp], ReturnAddress);
        Register[] kept = [Register.RBX, Register.RBP, Register.R12, Register.R13, Register.R14, Register.R15, .. convention == CallingConvention.Windows ? [Register.RDI, Register.RSI] : Array.Empty<Register>()];
        var before = Array.ConvertAll(kept, register => _general[Index(register)]);
        var vectorsBefore = convention == CallingConvention.Windows ? Enumerable.Range(6, 10).SelectMany(i => _vectors[i][..4]).ToArray() : [];
        var stackBefore = _general[rsp];

        Run((ulong)code);

        Assert.Equal(before, Array.ConvertAll(kept, register => _general[Index(register)]));
        Assert.Equal(stackBefore + 8, _general[rsp]);
        if (vectorsBefore.Length > 0) Assert.Equal(vectorsBefore, Enumerable.Range(6, 10).SelectMany(i => _vectors[i][..4]));
        Assert.False(HasTileState, "Tile state is left behind.");
    }

    private void Run(ulong address)
    {
        while (address != ReturnAddress)
        {
            if (!_decoded.TryGetValue(address, out var instruction)) _decoded[address] = instruction = Decode(address);
            address = Step(instruction);
        }
    }

    private static Instruction Decode(ulong address)
    {
        var bytes = new ReadOnlySpan<byte>((void*)address, 15).ToArray();
        Decoder.Create(64, new ByteArrayCodeReader(bytes), address).Decode(out var instruction);
        return instruction;
    }

    /// <summary>Does one instruction.</summary>
    /// <returns>The address of the next.</returns>
    private ulong Step(in Instruction instruction)
    {
        var next = instruction.NextIP;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Push:
                _general[Index(Register.RSP)] -= 8;
                memory.Write64(_general[Index(Register.RSP)], Get(instruction, 0));
                break;
            case Mnemonic.Pop:
                Set(instruction, memory.Read64(_general[Index(Register.RSP)]));
                _general[Index(Register.RSP)] += 8;
                break;
            case Mnemonic.Ret:
                next = memory.Read64(_general[Index(Register.RSP)]);
                _general[Index(Register.RSP)] += 8;
                break;
            case Mnemonic.Mov when instruction.Op0Kind == OpKind.Memory: memory.Write64(Address(instruction), Get(instruction, 1)); break;
            case Mnemonic.Mov: Set(instruction, Get(instruction, 1)); break;
            case Mnemonic.Lea: Set(instruction, Address(instruction)); break;
            case Mnemonic.Add: Flags(instruction, Get(instruction, 0) + Get(instruction, 1)); break;
            case Mnemonic.Sub: Flags(instruction, Get(instruction, 0) - Get(instruction, 1)); break;
            case Mnemonic.Dec: Flags(instruction, Get(instruction, 0) - 1); break;
            case Mnemonic.Xor: Flags(instruction, Get(instruction, 0) ^ Get(instruction, 1)); break;
            case Mnemonic.Shl: Flags(instruction, Get(instruction, 0) << (int)Get(instruction, 1)); break;
            case Mnemonic.Shr: Flags(instruction, Get(instruction, 0) >>> (int)Get(instruction, 1)); break;
            case Mnemonic.Test: _zero = (Get(instruction, 0) & Get(instruction, 1)) == 0; break;
            case Mnemonic.Jmp: next = instruction.NearBranchTarget; break;
            case Mnemonic.Je: next = _zero ? instruction.NearBranchTarget : next; break;
            case Mnemonic.Jne: next = _zero ? next : instruction.NearBranchTarget; break;
            case Mnemonic.Nop or Mnemonic.Prefetchw or Mnemonic.Prefetcht1: break;
            case Mnemonic.Kmovw: _masks[instruction.Op0Register - Register.K0] = Get(instruction, 1) & 0xFFFF; break;
            default:
                if (!StepVector(instruction) && !StepTile(instruction)) Assert.Fail($"The interpreter does not know {instruction}.");
                break;
        }
        return next;
    }

    private bool StepVector(Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Vmovups when instruction.Op0Kind == OpKind.Memory:
                for (var lane = 0; lane < 16; lane++)
                    if (Active(instruction, lane)) memory.Write32(Address(instruction) + 4 * (ulong)lane, Vector(instruction.Op1Register)[lane]);
                return true;
            case Mnemonic.Vmovups: return Lanes(instruction, (_, lane) => Lane(instruction, 1, lane));
            case Mnemonic.Vpbroadcastd: return Lanes(instruction, (_, _) => memory.Read32(Address(instruction)));
            case Mnemonic.Vpxord: return Lanes(instruction, (_, lane) => Lane(instruction, 1, lane) ^ Lane(instruction, 2, lane));
            case Mnemonic.Vaddps: return Lanes(instruction, (_, lane) => Bits(Float(Lane(instruction, 1, lane)) + Float(Lane(instruction, 2, lane))));
            case Mnemonic.Vdpbf16ps:
                Flops += 4 * Enumerable.Range(0, 16).Count(lane => Active(instruction, lane));
                return Lanes(instruction, (sum, lane) => Bits(BFloat16Arithmetic.DotPair(Float(sum), Lane(instruction, 1, lane), Lane(instruction, 2, lane))));
            case Mnemonic.Vzeroupper:
                for (var i = 0; i < 16; i++) _vectors[i].AsSpan(4).Clear();
                return true;
            case Mnemonic.Vmovdqu when instruction.Op0Kind == OpKind.Memory && instruction.Op1Register is >= Register.XMM0 and <= Register.XMM15:
                for (var lane = 0; lane < 4; lane++) memory.Write32(Address(instruction) + 4 * (ulong)lane, _vectors[instruction.Op1Register - Register.XMM0][lane]);
                return true;
            case Mnemonic.Vmovdqu when instruction.Op0Register is >= Register.XMM0 and <= Register.XMM15:
                var target = _vectors[instruction.Op0Register - Register.XMM0];
                target.AsSpan(4).Clear();
                for (var lane = 0; lane < 4; lane++) target[lane] = memory.Read32(Address(instruction) + 4 * (ulong)lane);
                return true;
            default: return false;
        }
    }

    /// <summary>Every active lane of the destination from what it held; the others are kept, or cleared where the instruction says so.</summary>
    private bool Lanes(in Instruction instruction, Func<uint, int, uint> result)
    {
        var target = Vector(instruction.Op0Register);
        for (var lane = 0; lane < 16; lane++)
            target[lane] = Active(instruction, lane) ? result(target[lane], lane) : instruction.ZeroingMasking ? 0 : target[lane];
        return true;
    }

    private bool Active(in Instruction instruction, int lane) => instruction.OpMask == Register.None || (_masks[instruction.OpMask - Register.K0] >> lane & 1) != 0;

    private uint Lane(in Instruction instruction, int operand, int lane)
    {
        if (instruction.GetOpKind(operand) == OpKind.Register) return Vector(instruction.GetOpRegister(operand))[lane];
        return memory.Read32(Address(instruction) + (instruction.IsBroadcast ? 0 : 4 * (ulong)lane));
    }

    private uint[] Vector(Register register)
    {
        Assert.InRange(register, Register.ZMM0, Register.ZMM31);
        return _vectors[register - Register.ZMM0];
    }

    private ulong Address(in Instruction instruction)
    {
        var address = instruction.MemoryDisplacement64;
        if (instruction.MemoryBase != Register.None) address += _general[Index(instruction.MemoryBase)];
        if (instruction.MemoryIndex != Register.None) address += _general[Index(instruction.MemoryIndex)] * (ulong)instruction.MemoryIndexScale;
        return address;
    }

    private ulong Get(in Instruction instruction, int operand) => instruction.GetOpKind(operand) switch
    {
        OpKind.Register when instruction.GetOpRegister(operand).IsGPR64() => _general[Index(instruction.GetOpRegister(operand))],
        OpKind.Register when instruction.GetOpRegister(operand).IsGPR32() => (uint)_general[Index(instruction.GetOpRegister(operand))],
        OpKind.Memory when instruction.MemorySize.GetSize() == 8 => memory.Read64(Address(instruction)),
        OpKind.Immediate8 or OpKind.Immediate32 or OpKind.Immediate8to64 or OpKind.Immediate32to64 or OpKind.Immediate8to32 => instruction.GetImmediate(operand),
        _ => throw new NotSupportedException($"Operand {operand} of {instruction}."),
    };

    private void Set(in Instruction instruction, ulong value)
    {
        var register = instruction.Op0Register;
        if (instruction.Op0Kind != OpKind.Register || !(register.IsGPR64() || register.IsGPR32())) throw new NotSupportedException($"The target of {instruction}.");
        _general[Index(register)] = register.IsGPR32() ? (uint)value : value;    // a 32-bit result clears the upper half
    }

    private void Flags(in Instruction instruction, ulong value)
    {
        Set(instruction, value);
        _zero = (instruction.Op0Register.IsGPR32() ? (uint)value : value) == 0;
    }

    private static int Index(Register register) => register.GetFullRegister() - Register.RAX;

    private static float Float(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);
}
