using System.Buffers.Binary;
using System.Text;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Formats;

public sealed class SafetensorsTests : IDisposable
{
    private const string Original = "Fixtures/models/gpt2/model.safetensors";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_of_the_original_writer_is_listed_and_read()
    {
        using var file = SafetensorsFile.Open(Original);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(28, file.Tensors.Count);
        var tensor = file["transformer.h.0.attn.c_attn.weight"];
        Shape shape = [32, 96];
        Assert.Equal((SafetensorsType.F32, shape, 384L, 12288L), (tensor.Type, tensor.Shape, tensor.Offset, tensor.ByteLength));
        var values = new float[32 * 96];
        file.Read(tensor.Name, values);
        Assert.All(values, x => Assert.InRange(x, -2, 2));
        Assert.InRange(values.Average(x => x * x), 0.01, 0.2);
    }

    [Fact]
    public void What_was_written_is_read_bit_for_bit()
    {
        var path = _folder["new/folder/x.safetensors"];
        var matrix = Tensor.From([1f, -0f, float.NaN, float.MaxValue, 1e-45f, 3], [2, 3]);
        var tensors = new (string, Tensor)[]
        {
            ("z last by name", matrix), ("view", matrix.Transposed), ("double π", Tensor.From([Math.PI], [])),
            ("ids", Tensor.From([1, -7, int.MinValue], [3])), ("empty", Tensor.Empty([0, 5])), ("half", Tensor.Full([3], 1.5, DType.BFloat16)),
        };
        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string> { ["step"] = "12", ["quote"] = "\"<é>\n" });
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(tensors.Select(t => t.Item1), file.Tensors.Select(t => t.Name));
        Assert.Equal(("pt", "12", "\"<é>\n"), (file.Metadata["format"], file.Metadata["step"], file.Metadata["quote"]));
        foreach (var (name, value) in tensors)
        {
            var read = file.ReadTensor(name);
            Assert.Equal(value.Shape, read.Shape);
            if (value.DType == DType.Int32) Assert.Equal(value.ToArray<int>(), read.ToArray<int>());
            else if (value.DType == DType.Float64) Assert.Equal(value.ToArray<double>(), read.ToArray<double>());
            else if (value.DType == DType.BFloat16) Assert.Equal([1.5f, 1.5f, 1.5f], read.ToArray<float>());
            else Assert.Equal(Bits(value), Bits(read));
        }
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(path)) % 8);
        Assert.Single(Directory.GetFileSystemEntries(_folder["new/folder"]));
    }

    [Fact]
    public void Narrow_and_wide_types_are_converted()
    {
        byte[] data =
        [
            .. BitConverter.GetBytes((Half)0.333), .. BitConverter.GetBytes(Half.NegativeInfinity), // F16
            0x80, 0x3F, 0x49, 0x40, // BF16: 1, 3.140625
            .. BitConverter.GetBytes(Math.PI), // F64
            .. BitConverter.GetBytes(-5L), // I64
            1, 0, 1, 255, // BOOL, U8
        ];
        var path = Raw("""
            {"f16":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"bf16":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]},
             "f64":{"dtype":"F64","shape":[1],"data_offsets":[8,16]},"i64":{"dtype":"I64","shape":[],"data_offsets":[16,24]},
             "bool":{"dtype":"BOOL","shape":[2],"data_offsets":[24,26]},"u8":{"dtype":"U8","shape":[2],"data_offsets":[26,28]}}
            """, data);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal([(float)(Half)0.333, float.NegativeInfinity], file.ReadTensor("f16").ToArray<float>());
        Assert.Equal([1, 3.140625f], file.ReadTensor("bf16").ToArray<float>());
        Assert.Equal([Math.PI], file.ReadTensor("f64").ToArray<double>());
        var single = new float[1];
        file.Read("f64", single);
        Assert.Equal((float)Math.PI, single[0]);
        Assert.Equal([-5], file.ReadTensor("i64").ToArray<int>());
        Assert.Equal([1, 0], file.ReadTensor("bool").ToArray<int>());
        Assert.Equal([1, 255], file.ReadTensor("u8").ToArray<int>());
        Assert.Contains("holds I64, which cannot be read as floating-point numbers", Assert.Throws<CheckpointFormatException>(() => file.Read("i64", new float[1])).Message);
        Assert.Contains("has no tensor named x; it has f16, bf16,", Assert.Throws<CheckpointFormatException>(() => file.ReadTensor("x")).Message);
    }

    [Fact]
    public void A_64_bit_number_that_does_not_fit_is_an_error()
    {
        using var file = SafetensorsFile.Open(Raw("""{"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", BitConverter.GetBytes(1L << 40)));
        Assert.Contains("tensor n holds 1099511627776", Assert.Throws<CheckpointFormatException>(() => file.ReadTensor("n")).Message);
    }

    [Theory]
    [InlineData("""[]""", 0, "not a JSON object")]
    [InlineData("""{"a":""", 0, "not valid JSON")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "not valid JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor a is listed twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "tensor a has -1 for the size of axis 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "tensor a has 1.5 for the size of axis 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", 4, "for the size of axis 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999],"data_offsets":[0,4]}}""", 4, "for the size of axis 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}}""", 4, "tensor a has shape [2147483647, 2147483647, 2147483647], which is more")]
    [InlineData("""{"a":{"dtype":"F64","shape":[2147483647,2147483647],"data_offsets":[0,4]}}""", 4, "more than a file can hold")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "tensor a has 7 axes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "tensor a is F32[2], 8 bytes, but its data_offsets [0, 4] hold 4")]
    [InlineData("""{"a":{"dtype":"F7","shape":[1],"data_offsets":[0,4]}}""", 4, "tensor a has the unknown dtype F7")]
    [InlineData("""{"a":{"dtype":3,"shape":[1],"data_offsets":[0,4]}}""", 4, "dtype that is not a string")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "reaches to byte 8 of the data, but the file has only 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}}""", 4, "tensor a reaches to")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "tensor a has data_offsets [4,0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "tensor a has data_offsets [0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "tensor a has data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "tensor b overlaps tensor a")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "bytes from 4 on belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 6, "2 bytes at its end that belong to no tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1]}}""", 4, "tensor a has no data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "tensor a has its dtype twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, "tensor a has a field x")]
    [InlineData("""{"a":[]}""", 0, "tensor a is not described by an object")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "__metadata__ whose a is not a string")]
    public void A_broken_file_is_refused_in_one_sentence(string header, int dataLength, string expected)
    {
        var path = Raw(header, new byte[dataLength]);
        var message = Assert.Throws<CheckpointFormatException>(() => SafetensorsFile.Open(path)).Message;
        Assert.Contains(expected, message);
        Assert.Contains(path, message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(new byte[0], "has 0 bytes")]
    [InlineData(new byte[] { 1, 2, 3 }, "has 3 bytes")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "not a JSON object")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 123 }, "announce a header of 18446744073709551615 bytes")]
    [InlineData(new byte[] { 0, 225, 245, 5, 0, 0, 0, 0, 123 }, "cut short: its header has 100000000 bytes")]
    [InlineData(new byte[] { 1, 225, 245, 5, 0, 0, 0, 0, 123 }, "announce a header of 100000001 bytes")]
    public void A_broken_front_is_refused(byte[] bytes, string expected)
    {
        File.WriteAllBytes(_folder["x"], bytes);
        Assert.Contains(expected, Assert.Throws<CheckpointFormatException>(() => SafetensorsFile.Open(_folder["x"])).Message);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var whole = File.ReadAllBytes(Original);
        for (var length = 0; length < whole.Length; length += length < 3000 ? 97 : 20011)
        {
            File.WriteAllBytes(_folder["cut"], whole[..length]);
            Assert.Throws<CheckpointFormatException>(() => SafetensorsFile.Open(_folder["cut"]));
        }
    }

    [Fact]
    public void A_damaged_header_never_ends_in_another_exception()
    {
        var whole = File.ReadAllBytes(Original);
        var random = new RandomStream(5);
        for (var i = 0UL; i < 400; i++)
        {
            var damaged = whole.ToArray();
            for (var k = 0UL; k < 3; k++) damaged[random.Below(3000, 10 * i + 2 * k)] = (byte)random.Bits(100_000 + 10 * i + k);
            File.WriteAllBytes(_folder["damaged"], damaged);
            try
            {
                SafetensorsFile.Open(_folder["damaged"]).Dispose();
            }
            catch (CheckpointFormatException)
            {
                // What it is for.
            }
        }
    }

    [Fact]
    public void A_bit_that_flips_anywhere_in_the_data_of_our_files_is_found()
    {
        var path = _folder["x.safetensors"];
        SafetensorsWriter.Write(path, [("a", Tensor.From([1f, 2f, 3f], [3])), ("b", Tensor.Full([40], 0.5, DType.BFloat16)), ("c", Tensor.From([7, 8], [2]))]);
        var whole = File.ReadAllBytes(path);
        var start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        for (var bit = 0; bit < 8 * (whole.Length - start); bit++)
        {
            var damaged = whole.ToArray();
            damaged[start + bit / 8] ^= (byte)(1 << bit % 8);
            File.WriteAllBytes(path, damaged);
            using var file = SafetensorsFile.Open(path);
            var e = Assert.Throws<CheckpointFormatException>(() => file.Tensors.Select(tensor => file.ReadTensor(tensor.Name)).ToArray());
            Assert.Contains("checksum", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        Assert.Equal($"{_folder["none"]} does not exist.", Assert.Throws<CheckpointFormatException>(() => SafetensorsFile.Open(_folder["none"])).Message);
        Assert.Contains("cannot be read", Assert.Throws<CheckpointFormatException>(() => SafetensorsFile.Open(_folder.Path)).Message);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        var path = _folder["x.txt"];
        AtomicFile.WriteText(path, "old");
        var failure = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            throw new IOException("No space left on device");
        }));
        Assert.Contains(path, failure.Message);
        Assert.Contains("No space left", failure.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, _ => throw new InvalidOperationException()));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Path));
        AtomicFile.WriteText(path, "new");
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Throws<IOException>(() => AtomicFile.WriteText(_folder["x.txt/below"], ""));
    }

    [Fact]
    public void Names_that_cannot_be_are_refused_before_anything_is_written()
    {
        var x = Tensor.Zeros([1]);
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(_folder["x"], [("a", x), ("a", x)]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(_folder["x"], [("__metadata__", x)]));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    private static uint[] Bits(Tensor x) => [.. x.ToArray<float>().Select(BitConverter.SingleToUInt32Bits)];

    private string Raw(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        data.CopyTo(bytes, 8 + json.Length);
        File.WriteAllBytes(_folder["raw.safetensors"], bytes);
        return _folder["raw.safetensors"];
    }
}
