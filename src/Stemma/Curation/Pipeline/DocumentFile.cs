using System.Security.Cryptography;
using System.Text;
using Stemma.Numerics.Formats;
using Stemma.Text;
using Stemma.Text.Corpora.Readers;

namespace Stemma.Curation;

/// <summary>Documents in a file between two passes: one after the other, each field with its length before it.</summary>
internal static class DocumentFile
{
    private const uint Mark = 0x43444D53, End = 0xFFFFFFFF;

    /// <summary>Writes documents; the file appears when it is whole.</summary>
    /// <returns>The SHA-256 of the file.</returns>
    public static string Write(string path, Action<Action<CuratedDocument>> produce)
    {
        var hash = "";
        AtomicFile.Write(path, stream =>
        {
            using var hashing = new HashingStream(stream);
            using (var writer = new BinaryWriter(hashing, Encoding.UTF8, leaveOpen: true))
            {
                writer.Write(Mark);
                produce(document => Write(writer, document));
                writer.Write(End);
            }

            hash = hashing.Finish();
        });
        return hash;
    }

    /// <summary>Reads a file's documents, with their ids.</summary>
    /// <param name="path">The file.</param>
    /// <param name="part">The number of the part.</param>
    /// <param name="hash">The SHA-256 that the file must have.</param>
    /// <exception cref="TextFormatException">The file is damaged.</exception>
    public static IEnumerable<CuratedDocument> Read(string path, int part, string hash)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        using (var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            var buffer = new byte[1 << 16];
            for (int read; (read = file.Read(buffer)) > 0;) sha.AppendData(buffer, 0, read);
            if (Convert.ToHexStringLower(sha.GetHashAndReset()) != hash) throw new TextFormatException($"{path} is damaged (its checksum differs). Delete the folder it is in and build again.");
        }

        file.Position = 0;
        using var reader = new BinaryReader(file, Encoding.UTF8, leaveOpen: true);
        reader.ReadUInt32();
        for (var i = 0L; ; i++)
        {
            var input = reader.ReadUInt32();
            if (input == End) yield break;
            yield return Read(reader, (int)input, ((long)part << 32) | i);
        }
    }

    /// <summary>Writes one document.</summary>
    public static void Write(BinaryWriter writer, CuratedDocument document)
    {
        writer.Write((uint)document.Input);
        writer.Write(document.File);
        writer.Write(document.Name);
        writer.Write(document.Position);
        writer.Write((byte)document.Markup);
        writer.Write(document.Language);
        writer.Write(document.ChangedBy);
        writer.Write(document.Text);
    }

    /// <summary>Reads one document after its input.</summary>
    public static CuratedDocument Read(BinaryReader reader, int input, long id) => new()
    {
        Input = input,
        Id = id,
        File = reader.ReadString(),
        Name = reader.ReadString(),
        Position = reader.ReadInt64(),
        Markup = (Markup)reader.ReadByte(),
        Language = reader.ReadString(),
        ChangedBy = reader.ReadUInt32(),
        Text = reader.ReadString(),
    };

    /// <summary>Hashes what is written.</summary>
    private sealed class HashingStream(Stream inner) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] _buffer = new byte[1 << 16];
        private int _count;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public string Finish()
        {
            Flush();
            return Convert.ToHexStringLower(_hash.GetHashAndReset());
        }

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            if (_count + bytes.Length > _buffer.Length) Flush();
            if (bytes.Length > _buffer.Length)
            {
                _hash.AppendData(bytes);
                inner.Write(bytes);
                return;
            }

            bytes.CopyTo(_buffer.AsSpan(_count));
            _count += bytes.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
            _hash.AppendData(_buffer, 0, _count);
            inner.Write(_buffer, 0, _count);
            _count = 0;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}
