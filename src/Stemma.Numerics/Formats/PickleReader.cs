using System.Buffers.Binary;
using System.Text;

namespace Stemma.Numerics.Formats;

/// <summary>
/// Reads the part of Python's pickle format that a dictionary of tensors takes. Nothing is imported and nothing is called: the few names that
/// tensors need have fixed meanings here, and any other is refused by name.
/// </summary>
internal sealed class PickleReader
{
    private const int MostMemos = 10_000_000;

    private readonly byte[] _bytes;
    private readonly string _path;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<int, object?> _memo = [];
    private int _at;

    private PickleReader(byte[] bytes, string path) => (_bytes, _path) = (bytes, path);

    /// <summary>A mark on the stack.</summary>
    private static readonly object s_mark = new();

    /// <summary>A name that may be called or name a type.</summary>
    public sealed record Name(string Text);

    /// <summary>A file of numbers in the archive.</summary>
    public sealed record Storage(SafetensorsType Type, string Key, long Count);

    /// <summary>A view of a storage.</summary>
    public sealed record View(Storage Storage, long Offset, long[] Sizes, long[] Strides);

    /// <summary>Reads one object.</summary>
    /// <returns>Dictionaries as lists of pairs, tensors as <see cref="View"/>.</returns>
    /// <exception cref="CheckpointFormatException">Anything that such a dictionary does not need.</exception>
    public static object? Read(byte[] bytes, string path)
    {
        var reader = new PickleReader(bytes, path);
        try
        {
            return reader.Run();
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException or InvalidCastException or OverflowException or DecoderFallbackException or KeyNotFoundException)
        {
            throw reader.Error("breaks the format", e);
        }
    }

    private CheckpointFormatException Error(string what, Exception? cause = null) => new($"{_path}: its list of tensors {what} (byte {_at}).", cause!);

    private object? Run()
    {
        while (true)
        {
            var code = Byte();
            switch (code)
            {
                case 0x80: Byte(); break;
                case 0x95: _at = checked(_at + 8); break;
                case (byte)'.': return Pop();
                case (byte)'(': _stack.Add(s_mark); break;
                case (byte)'N': _stack.Add(null); break;
                case 0x88: _stack.Add(true); break;
                case 0x89: _stack.Add(false); break;
                case (byte)'K': _stack.Add((long)Byte()); break;
                case (byte)'M': _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
                case (byte)'J': _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                case 0x8a: _stack.Add(Long(Take(Byte()))); break;
                case (byte)'G': _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
                case (byte)'X': _stack.Add(Text(Take(BinaryPrimitives.ReadInt32LittleEndian(Take(4))))); break;
                case 0x8c: _stack.Add(Text(Take(Byte()))); break;
                case (byte)']': _stack.Add(new List<object?>()); break;
                case (byte)'}': _stack.Add(new List<(object?, object?)>()); break;
                case (byte)')': _stack.Add(Array.Empty<object?>()); break;
                case 0x85: PushTuple(1); break;
                case 0x86: PushTuple(2); break;
                case 0x87: PushTuple(3); break;
                case (byte)'t': _stack.Add(PopMarked()); break;
                case (byte)'a': var item = Pop(); ((List<object?>)_stack[^1]!).Add(item); break;
                case (byte)'e': var items = PopMarked(); ((List<object?>)_stack[^1]!).AddRange(items); break;
                case (byte)'s': var (value, key) = (Pop(), Pop()); ((List<(object?, object?)>)_stack[^1]!).Add((key, value)); break;
                case (byte)'u': SetItems(); break;
                case (byte)'q': Remember(Byte()); break;
                case (byte)'r': Remember(BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
                case 0x94: Remember(_memo.Count); break;
                case (byte)'h': _stack.Add(_memo[Byte()]); break;
                case (byte)'j': _stack.Add(_memo[BinaryPrimitives.ReadInt32LittleEndian(Take(4))]); break;
                case (byte)'c': _stack.Add(Named(Line(), Line())); break;
                case 0x93: var (name, module) = ((string)Pop()!, (string)Pop()!); _stack.Add(Named(module, name)); break;
                case (byte)'Q': _stack.Add(ToStorage((object?[])Pop()!)); break;
                case (byte)'R': var arguments = (object?[])Pop()!; _stack.Add(Call((Name)Pop()!, arguments)); break;
                // A state of a dictionary: what modules noted beside it.
                case (byte)'b': Pop(); if (_stack[^1] is not List<(object?, object?)>) throw Error("changes the inside of an object, which tensors do not need"); break;
                default: throw Error($"holds the instruction 0x{code:x2}, which tensors do not need");
            }
        }
    }

    private Name Named(string module, string name)
    {
        var full = $"{module}.{name}";
        return full is "collections.OrderedDict" or "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_parameter" || StorageType(full) is not null
            ? new(full)
            : throw Error($"wants to import {full}, which tensors do not need; it is not run, and the file not read. Get the weights as safetensors, or from somebody you trust");
    }

    private object? Call(Name name, object?[] arguments)
    {
        switch (name.Text)
        {
            case "collections.OrderedDict" when arguments.Length == 0:
                return new List<(object?, object?)>();
            case "torch._utils._rebuild_tensor_v2" when arguments.Length >= 4:
                return new View((Storage)arguments[0]!, (long)arguments[1]!, Whole(arguments[2]), Whole(arguments[3]));
            case "torch._utils._rebuild_parameter" when arguments.Length >= 1 && arguments[0] is View view:
                return view;
            default:
                throw Error($"calls {name.Text} with what tensors do not need");
        }

        static long[] Whole(object? tuple) => Array.ConvertAll((object?[])tuple!, size => (long)size!);
    }

    private Storage ToStorage(object?[] id)
    {
        if (id.Length != 5 || id[0] is not "storage" || id[1] is not Name name || StorageType(name.Text) is not { } type || id[2] is not string key || id[4] is not long count)
            throw Error("names a storage in a way that is not known");
        return new(type, key, count);
    }

    private static SafetensorsType? StorageType(string name) => name switch
    {
        "torch.FloatStorage" => SafetensorsType.F32,
        "torch.DoubleStorage" => SafetensorsType.F64,
        "torch.HalfStorage" => SafetensorsType.F16,
        "torch.BFloat16Storage" => SafetensorsType.BF16,
        "torch.LongStorage" => SafetensorsType.I64,
        "torch.IntStorage" => SafetensorsType.I32,
        "torch.ShortStorage" => SafetensorsType.I16,
        "torch.CharStorage" => SafetensorsType.I8,
        "torch.ByteStorage" => SafetensorsType.U8,
        "torch.BoolStorage" => SafetensorsType.BOOL,
        _ => null,
    };

    private void SetItems()
    {
        var items = PopMarked();
        var target = (List<(object?, object?)>)_stack[^1]!;
        for (var i = 0; i < items.Length; i += 2) target.Add((items[i], items[i + 1]));
    }

    private void Remember(int place)
    {
        if (_memo.Count >= MostMemos) throw Error("remembers more than tensors need");
        _memo[place] = _stack[^1];
    }

    private void PushTuple(int count)
    {
        var items = _stack[^count..].ToArray();
        _stack.RemoveRange(_stack.Count - count, count);
        _stack.Add(items);
    }

    private object?[] PopMarked()
    {
        var mark = _stack.LastIndexOf(s_mark);
        if (mark < 0) throw Error("breaks the format");
        var items = _stack[(mark + 1)..].ToArray();
        _stack.RemoveRange(mark, _stack.Count - mark);
        return items;
    }

    private object? Pop()
    {
        var top = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private byte Byte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _bytes.Length - _at) throw Error("is cut short");
        _at += count;
        return _bytes.AsSpan(_at - count, count);
    }

    private string Line()
    {
        var end = Array.IndexOf(_bytes, (byte)'\n', _at);
        if (end < 0) throw Error("is cut short");
        var text = Text(_bytes.AsSpan(_at, end - _at));
        _at = end + 1;
        return text;
    }

    private long Long(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8) throw Error("holds a number of more than 64 bits");
        if (bytes.Length == 0) return 0;
        Span<byte> whole = stackalloc byte[8];
        whole.Fill((byte)(bytes[^1] >= 0x80 ? 0xff : 0));
        bytes.CopyTo(whole);
        return BinaryPrimitives.ReadInt64LittleEndian(whole);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
}
