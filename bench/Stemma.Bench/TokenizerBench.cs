using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Stemma.Text.Tokenizers;

namespace Stemma.Bench;

/// <summary>
/// A tokenizer against another program on the same documents: ids compared one by one, and speed in turns. The other program is a command that is given
/// two paths: documents as JSON strings, one a line, to read; and a file to write, for each document the number of its ids and the ids, as 32-bit
/// little-endian numbers. Its last line says how long encoding took: <c>{"seconds": 1.25}</c>.
/// </summary>
internal static class TokenizerBench
{
    private const int DocumentLength = 1 << 14;

    public static int Run(string[] args)
    {
        var options = new Options(args);
        var path = options.Text("--tokenizer", "");
        var data = options.Text("--data", "");
        var (peer, rounds, threads, random, most) = (options.Text("--peer", ""), options.Number("--rounds", 3), options.Number("--threads", 1), options.Number("--random", 0), options.Number("--megabytes", 1000));
        var special = options.Switch("--special");
        options.RequireAllUsed();
        if (path.Length == 0 || data.Length == 0) throw new ArgumentException("tokenizers needs --tokenizer PATH and --data FILE,…");
        var watch = Stopwatch.StartNew();
        var tokenizer = Tokenizer.Load(path);
        var loading = watch.Elapsed.TotalSeconds;
        var documents = Documents(data.Split(','), most).Concat(RandomDocuments(random)).ToArray();
        var megabytes = documents.Sum(text => (double)Encoding.UTF8.GetByteCount(text)) * 1e-6;
        var ids = documents.Select(text => tokenizer.Encode(text, special)).ToArray();
        var tokens = ids.Sum(document => (long)document.Length);
        Console.WriteLine($"{Path.GetFileName(path)}: {tokenizer.VocabSize:N0} tokens, loaded in {loading:F2} s; {documents.Length:N0} documents, {megabytes:F1} MB, {tokens:N0} tokens, {megabytes * 1e6 / tokens:F2} bytes/token");
        var cold = Cold(path, documents, special) is var seconds ? megabytes / seconds : 0;
        Console.WriteLine($"a tokenizer that has seen nothing: {cold:F1} MB/s on the first pass");
        var (encode, count, theirs) = (new List<double>(), new List<double>(), new List<double>());
        var allocated = 0L;
        var destination = new List<int>(ids.Max(document => document.Length) * 2);
        for (var round = 1; round <= rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            watch.Restart();
            if (threads == 1)
            {
                foreach (var text in documents)
                {
                    destination.Clear();
                    tokenizer.Encode(text, destination, special);
                }
            }
            else
            {
                tokenizer.EncodeBatch(documents, special, threads);
            }

            encode.Add(megabytes / watch.Elapsed.TotalSeconds);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            watch.Restart();
            foreach (var text in documents) tokenizer.CountTokens(text, special);
            count.Add(megabytes / watch.Elapsed.TotalSeconds);
            if (peer.Length > 0) theirs.Add(megabytes / Peer(peer, documents, ids));
            Console.WriteLine($"round {round}: encode {encode[^1]:F1} MB/s ({threads} {(threads == 1 ? "thread" : "threads")}), count {count[^1]:F1} MB/s{(peer.Length > 0 ? $", peer {theirs[^1]:F2} MB/s, ratio {encode[^1] / theirs[^1]:F1}" : "")}");
        }

        Console.WriteLine($"median encode {Median(encode):F1} MB/s, count {Median(count):F1} MB/s; {(double)allocated / tokens:F2} bytes allocated per token on the calling thread");
        if (peer.Length > 0) Console.WriteLine($"peer median {Median(theirs):F2} MB/s, ratio of the first pass {cold / Median(theirs):F1}, later {Median([.. encode.Zip(theirs, (ours, other) => ours / other)]):F1}");
        return 0;
    }

    // The code is warm; the tokenizer's tables of words are empty.
    private static double Cold(string path, string[] documents, bool special)
    {
        var tokenizer = Tokenizer.Load(path);
        var ids = new List<int>(1 << 20);
        var watch = Stopwatch.StartNew();
        foreach (var text in documents)
        {
            ids.Clear();
            tokenizer.Encode(text, ids, special);
        }

        return watch.Elapsed.TotalSeconds;
    }

    private static IEnumerable<string> Documents(string[] files, int megabytes)
    {
        foreach (var file in files)
        {
            var text = File.ReadAllText(file);
            text = text[..Math.Min(text.Length, megabytes * 1_000_000)];
            for (var start = 0; start < text.Length;)
            {
                var end = Math.Min(text.Length, start + DocumentLength);
                if (end < text.Length && text.LastIndexOf('\n', end - 1, end - start) is var line and >= 0) end = line + 1;
                else if (end < text.Length && char.IsLowSurrogate(text[end])) end++;
                yield return text[start..end];
                start = end;
            }
        }
    }

    private static IEnumerable<string> RandomDocuments(int count)
    {
        for (var document = 0; document < count; document++)
        {
            var random = new Random(document);
            var text = new StringBuilder();
            while (text.Length < 2000)
            {
                var limit = random.Next(5) switch { 0 => 0x80, 1 => 0x250, 2 => 0x3100, 3 => 0x10000, _ => 0x20000 };
                for (var run = random.Next(1, 12); run > 0; run--)
                {
                    var code = random.Next(limit);
                    if (random.Next(12) == 0) code = 0x1F300 + random.Next(0x350);
                    if (random.Next(6) == 0) code = " \n\t'-."[random.Next(6)];
                    if (Rune.IsValid(code)) text.Append(new Rune(code).ToString());
                }
            }

            yield return text.ToString();
        }
    }

    private static double Peer(string command, string[] documents, int[][] ids)
    {
        var (input, output) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            File.WriteAllLines(input, documents.Select(text => JsonSerializer.Serialize(text)));
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"{command} {input} {output}"]) { RedirectStandardOutput = true })!;
            var printed = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            if (process.ExitCode != 0) throw new InvalidOperationException($"The peer ended with exit code {process.ExitCode}.");
            Compare(documents, ids, output);
            using var json = JsonDocument.Parse(printed.Split('\n')[^1]);
            return json.RootElement.GetProperty("seconds").GetDouble();
        }
        finally
        {
            File.Delete(input);
            File.Delete(output);
        }
    }

    private static void Compare(string[] documents, int[][] ids, string output)
    {
        using var reader = new BinaryReader(File.OpenRead(output));
        var (different, tokens, shown) = (0, 0L, 0);
        for (var i = 0; i < documents.Length; i++)
        {
            var theirs = new int[reader.ReadInt32()];
            for (var j = 0; j < theirs.Length; j++) theirs[j] = reader.ReadInt32();
            tokens += theirs.Length;
            if (theirs.AsSpan().SequenceEqual(ids[i])) continue;
            different++;
            var at = theirs.AsSpan().CommonPrefixLength(ids[i]);
            if (shown++ < 5) Console.WriteLine($"  document {i} differs from token {at} on: ours {string.Join(' ', ids[i].Skip(at).Take(8))}, theirs {string.Join(' ', theirs.Skip(at).Take(8))}; it begins {JsonSerializer.Serialize(documents[i][..Math.Min(40, documents[i].Length)])}");
        }

        Console.WriteLine($"  {tokens:N0} ids of the peer, {different} of {documents.Length} documents differ");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
