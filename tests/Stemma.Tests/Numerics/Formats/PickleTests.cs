using System.IO.Compression;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Xunit;

namespace Stemma.Tests.Numerics.Formats;

/// <summary>Files as PyTorch writes them, and files as nobody should.</summary>
public sealed class PickleTests
{
    private const string Folder = "Fixtures/models/pickles";

    [Fact]
    public void Every_element_type_and_view_is_read()
    {
        using var file = PickleTensors.Open($"{Folder}/types.bin");
        var grid = Enumerable.Range(0, 24).Select(i => i / 4f).ToArray();
        Check("float", [2, 6], grid[6..18]);
        Check("transposed", [6, 4], [.. Enumerable.Range(0, 24).Select(i => grid[i % 4 * 6 + i / 4])]);
        Check("parameter", [2, 3], [.. grid[..3], .. grid[6..9]]);
        Check("half", [6], grid[6..12]);
        Check("bfloat", [6], grid[12..18]);
        Check("scalar", [], [2.5f]);
        Check("empty", [0, 3], []);
        var doubles = new double[6];
        file.Read("double", doubles);
        Assert.Equal(grid[..6].Select(x => (double)x), doubles);
        Assert.Equal([1, -2, 3], file.ReadTensor("long").ToArray<int>());
        Assert.Equal([4, -5], file.ReadTensor("int").ToArray<int>());
        Assert.Equal([6], file.ReadTensor("short").ToArray<int>());
        Assert.Equal([7, 255], file.ReadTensor("byte").ToArray<int>());
        Assert.Equal([-8], file.ReadTensor("char").ToArray<int>());
        Assert.Equal([1, 0], file.ReadTensor("bool").ToArray<int>());
        Assert.Contains("I64", Assert.Throws<CheckpointFormatException>(() => file.Read("long", new float[3])).Message, StringComparison.Ordinal);

        void Check(string name, Shape shape, float[] values)
        {
            Assert.Equal(shape, file[name].Shape);
            var read = new float[values.Length];
            file.Read(name, read);
            Assert.Equal(values, read);
        }
    }

    [Fact]
    public void A_modules_state_is_read()
    {
        using var file = PickleTensors.Open($"{Folder}/state.bin");
        Assert.Equal(["weight", "bias"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([2, 3], file["weight"].Shape);
    }

    [Fact]
    public void Files_in_parts_are_read_by_their_index()
    {
        using var folder = new TemporaryFolder();
        File.Copy($"{Folder}/state.bin", folder["pytorch_model-00001-of-00002.bin"]);
        File.Copy($"{Folder}/types.bin", folder["pytorch_model-00002-of-00002.bin"]);
        string[] Names(string file)
        {
            using var part = PickleTensors.Open(folder[file]);
            return [.. part.Tensors.Select(tensor => $"\"{tensor.Name}\": \"{file}\"")];
        }
        var index = folder["pytorch_model.bin.index.json"];
        File.WriteAllText(index, $"{{\"weight_map\": {{{string.Join(", ", Names("pytorch_model-00001-of-00002.bin").Concat(Names("pytorch_model-00002-of-00002.bin")))}}}}}");
        using (var whole = ShardedTensors.Open(index, PickleTensors.Open))
        using (var state = PickleTensors.Open($"{Folder}/state.bin"))
        {
            Assert.Equal(state.ReadTensor("weight").ToArray<float>(), whole.ReadTensor("weight").ToArray<float>());
            Assert.Equal([6], whole.ReadTensor("short").ToArray<int>());
        }
        File.Copy($"{Folder}/malice.bin", folder["pytorch_model-00002-of-00002.bin"], overwrite: true);
        Assert.Contains("wants to import", Assert.Throws<CheckpointFormatException>(() => ShardedTensors.Open(index, PickleTensors.Open)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_run_is_refused_by_name() =>
        Assert.Contains("wants to import __builtin__.print", Assert.Throws<CheckpointFormatException>(() => PickleTensors.Open($"{Folder}/malice.bin")).Message.Replace("builtins.print", "__builtin__.print", StringComparison.Ordinal), StringComparison.Ordinal);

    [Fact]
    public void A_damaged_list_never_does_worse_than_an_error()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "damaged.bin");
        var list = Entry("state.bin", "data.pkl");
        var (errors, random) = (0, new RandomStream(4));
        for (var round = 0; round < 400; round++)
        {
            var bytes = list.ToArray();
            for (var i = 0; i < 1 + round % 3; i++) bytes[(int)(random.Bits((ulong)(8 * round + i)) % (uint)bytes.Length)] = (byte)random.Bits((ulong)(8 * round + 4 + i));
            if (round % 5 == 0) bytes = bytes[..(bytes.Length * round / 400)];
            Write(path, bytes);
            try
            {
                using var file = PickleTensors.Open(path);
                foreach (var tensor in file.Tensors) file.ReadTensor(tensor.Name);
            }
            catch (CheckpointFormatException e)
            {
                errors++;
                Assert.Contains("damaged.bin", e.Message, StringComparison.Ordinal);
            }
        }
        Assert.InRange(errors, 100, 400);
    }

    [Fact]
    public void What_is_no_archive_is_said()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "pytorch_model.bin");
        File.WriteAllBytes(path, [0x80, 2, (byte)'.']);
        Assert.Contains("PyTorch 1.6 or later", Assert.Throws<CheckpointFormatException>(() => PickleTensors.Open(path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(path, [.. "PK"u8, .. new byte[100]]);
        Assert.Contains("broken archive", Assert.Throws<CheckpointFormatException>(() => PickleTensors.Open(path)).Message, StringComparison.Ordinal);
    }

    private static byte[] Entry(string file, string name)
    {
        using var archive = ZipFile.OpenRead($"{Folder}/{file}");
        using var stream = archive.Entries.Single(entry => entry.Name == name).Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>The archive of a module's state with another list.</summary>
    private static void Write(string path, byte[] list)
    {
        using var stream = File.Create(path);
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create);
        foreach (var (name, bytes) in (IEnumerable<(string, byte[])>)[("a/data.pkl", list), ("a/data/0", Entry("state.bin", "0")), ("a/data/1", Entry("state.bin", "1"))])
        {
            using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
            entry.Write(bytes);
        }
    }
}
