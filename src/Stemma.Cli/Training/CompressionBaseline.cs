using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;

namespace Stemma.Cli.Training;

/// <summary>What general compressors need for the same bytes, in bits per byte: a scale that people know.</summary>
/// <param name="Gzip">gzip at its strongest, in this process.</param>
/// <param name="Xz"><c>xz -9e</c>; null where there is no xz on the path.</param>
internal sealed record CompressionBaseline(double Gzip, double? Xz)
{
    /// <summary>Compresses.</summary>
    public static async Task<CompressionBaseline> OfAsync(byte[] text, CancellationToken cancellation) =>
        new(8.0 * GzipLength(text) / text.Length, await XzLengthAsync(text, cancellation).ConfigureAwait(false) is { } length ? 8.0 * length / text.Length : null);

    /// <summary>"gzip -9 of the same bytes: 2.31, xz -9e: 1.90".</summary>
    public override string ToString() => $"gzip -9 of the same bytes: {Gzip:0.000}, {(Xz is { } xz ? $"xz -9e: {xz:0.000}" : "no xz on the path")}";

    private static long GzipLength(byte[] text)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true)) gzip.Write(text);
        return compressed.Length;
    }

    private static async Task<long?> XzLengthAsync(byte[] text, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("xz", ["-9e", "--stdout", "--quiet"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        Process xz;
        try
        {
            xz = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            return null;
        }

        using (xz)
        {
            try
            {
                var count = CountAsync(xz.StandardOutput.BaseStream, cancellation);
                await using (var input = xz.StandardInput.BaseStream) await input.WriteAsync(text, cancellation).ConfigureAwait(false);
                var length = await count.ConfigureAwait(false);
                await xz.WaitForExitAsync(cancellation).ConfigureAwait(false);
                return xz.ExitCode == 0 ? length : null;
            }
            catch (IOException)
            {
                return null;
            }
            finally
            {
                if (!xz.HasExited) xz.Kill();
            }
        }
    }

    private static async Task<long> CountAsync(Stream stream, CancellationToken cancellation)
    {
        var (buffer, total) = (new byte[65536], 0L);
        while (await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read) total += read;
        return total;
    }
}
