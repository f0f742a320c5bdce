using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Stemma.Text.Corpora.Readers;
using Xunit;

namespace Stemma.Tests.Text.Corpora.Readers;

/// <summary>Files that mean harm cost little time and memory, and are told.</summary>
public sealed class HostileInputTests
{
    [Fact]
    public void A_bomb_is_stopped_by_its_ratio()
    {
        using var folder = new TemporaryFolder();
        // 4 GB of zeros in 4 MB would take long to make; 64 MB show the same.
        using (var file = File.Create(folder["bomb.jsonl.gz"]))
        using (var gzip = new GZipStream(file, CompressionLevel.Optimal))
        {
            var zeros = new byte[1 << 20];
            Array.Fill(zeros, (byte)' ');
            for (var i = 0; i < 64; i++) gzip.Write(zeros);
        }

        var log = new ReadLog();
        Assert.Empty(new JsonLinesReader(["text"]).ReadFile(folder["bomb.jsonl.gz"], "bomb", ReadLimits.Usual, log));
        Assert.Contains("bomb", log.Problems.Single().Reason, StringComparison.Ordinal);
        Assert.InRange(log.Problems[0].Position, ReadLimits.Usual.RatioGraceBytes, 64 << 20);
    }

    [Fact]
    public void A_line_of_a_gigabyte_is_passed_over_in_constant_memory()
    {
        const long Length = 1_000_000_000;
        byte[] before = [.. "{\"text\":\"before\"}\n{\"text\":\""u8], after = [.. "\"}\n{\"text\":\"after\"}\n"u8];
        using var stream = new GeneratedStream(before, Length, after);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var read = Reading.Of(new JsonLinesReader(["text"]), stream, new() { RecordBytes = 1 << 20 });
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 16 << 20);
        Assert.Equal(["before", "after"], read.Texts);
        Assert.Equal((18L, "line 2 is longer than 1,048,576 bytes"), (read.Log.Problems.Single().Position, read.Log.Problems[0].Reason));
    }

    [Fact]
    public void JSON_nested_ten_thousand_deep_is_one_broken_record()
    {
        var deep = $"{{\"text\":{string.Concat(Enumerable.Repeat("[", 10_000))}{string.Concat(Enumerable.Repeat("]", 10_000))}}}\n{{\"text\":\"fine\"}}";
        var read = Reading.Of(new JsonLinesReader(["text"]), deep);
        Assert.Equal(["fine"], read.Texts);
        Assert.Equal("line 1: it is nested deeper than 64", read.Log.Problems.Single().Reason);
    }

    [Fact]
    public void A_row_that_never_closes_its_quotation_mark_ends_at_the_limit()
    {
        var table = "text\n\"" + string.Concat(Enumerable.Repeat("line\n", 100_000)) + "end\n";
        var read = Reading.Of(new DelimitedReader(',', ["text"]), table, new() { RecordBytes = 10_000 });
        Assert.Contains("may not be closed", read.Log.Problems[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Archives_full_of_wrong_lengths_end_in_bounded_time()
    {
        var records = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"WARC/1.0\r\nWARC-Type: conversion\r\nContent-Type: text/plain\r\nContent-Length: 4000000\r\n\r\ntext {i}\r\n\r\n"));
        var watch = Stopwatch.StartNew();
        var read = Reading.Of(new WarcReader(), Encoding.UTF8.GetBytes(records));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 20);
        Assert.Empty(read.Documents);
        Assert.Equal(102, read.Log.BrokenCount);
        Assert.Equal(ReadLog.MostProblems, read.Log.Problems.Count);
    }
}
