using System.Buffers.Binary;
using System.Text;

namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>Goes through the fields of a protobuf message; every length is checked against what is there.</summary>
/// <param name="message">The message.</param>
/// <param name="file">What complaints call the file.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, string file)
{
    private readonly ReadOnlySpan<byte> message = message;
    private int position;
    private int wireType;
    private int fieldStart;

    /// <summary>The number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>The bytes of the last read field, its number included.</summary>
    public readonly ReadOnlySpan<byte> Raw => message[fieldStart..position];

    /// <summary>Moves to the next field; its value must be read or skipped before the one after.</summary>
    public bool Next()
    {
        if (position == message.Length) return false;
        fieldStart = position;
        var key = Varint();
        (Field, wireType) = ((int)Math.Min(key >> 3, int.MaxValue), (int)(key & 7));
        return Field > 0 ? true : throw Error("has a field numbered 0");
    }

    public ulong Number() => wireType == 0 ? Varint() : throw Error($"has the field {Field} in a form that is not a number");

    public bool Flag() => Number() != 0;

    public float Real()
    {
        if (wireType != 5) throw Error($"has the field {Field} in a form that is not a 32-bit number");
        return BinaryPrimitives.ReadSingleLittleEndian(Take(4));
    }

    public ReadOnlySpan<byte> Bytes()
    {
        if (wireType != 2) throw Error($"has the field {Field} in a form that has no length");
        var length = Varint();
        return length <= int.MaxValue ? Take((int)length) : throw Error("is cut off");
    }

    public string Text()
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Bytes());
        }
        catch (DecoderFallbackException exception)
        {
            throw new TextFormatException($"{file}: the field {Field} is not UTF-8.", exception);
        }
    }

    public void Skip()
    {
        switch (wireType)
        {
            case 0: Varint(); break;
            case 1: Take(8); break;
            case 2: Bytes(); break;
            case 5: Take(4); break;
            default: throw Error($"has the field {Field} in a form that is not supported ({wireType})");
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > message.Length - position) throw Error("is cut off");
        position += length;
        return message.Slice(position - length, length);
    }

    private ulong Varint()
    {
        var value = 0ul;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (position == message.Length) throw Error("is cut off");
            var next = message[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        throw Error("has a number of more than ten bytes");
    }

    private readonly TextFormatException Error(string complaint) => new($"{file} {complaint} (byte {position} of a part of {message.Length}); it is not a SentencePiece model, or damaged.");
}
