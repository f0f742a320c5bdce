using System.Text;
using Stemma.Text.Corpora.Readers;
using Xunit;

namespace Stemma.Tests.Text.Corpora.Readers;

/// <summary>Archives as Common Crawl writes them.</summary>
public sealed class WarcReaderTests
{
    [Fact]
    public void Responses_become_pages_and_conversions_text()
    {
        var read = Reading.Of(new WarcReader(), string.Concat(
            Record("warcinfo", "application/warc-fields", "software: x\r\n"),
            Record("request", "application/http; msgtype=request", "GET / HTTP/1.1\r\n\r\n"),
            Record("response", "application/http; msgtype=response", "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>page é</p>", "http://a/"),
            Record("response", "application/http; msgtype=response", "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>gone</p>", "http://b/"),
            Record("response", "application/http; msgtype=response", "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nPNG", "http://c/"),
            Record("response", "application/http; msgtype=response", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6; x=y\r\n world\r\n0\r\n\r\n", "http://d/"),
            Record("conversion", "text/plain", "plain text\n", "http://e/")));
        Assert.Equal([("http://a/", "<p>page é</p>", Markup.Html), ("http://d/", "hello world", Markup.None), ("http://e/", "plain text\n", Markup.None)],
            read.Documents.Select(document => (document.Name, document.Text, document.Markup)));
        Assert.Equal((3L, 0L, 4L), (read.Log.RecordCount, read.Log.BrokenCount, read.Log.PassedOverCount));
    }

    [Fact]
    public void Members_of_a_packed_archive_follow_one_another()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.warc.wet.gz"], Reading.Packed(Record("conversion", "text/plain", "one"), Record("conversion", "text/plain", "two")));
        Assert.Equal(["one", "two"], new WarcReader().ReadFile(folder["a.warc.wet.gz"], "a", ReadLimits.Usual, new()).Select(document => document.Text));
    }

    [Theory]
    [InlineData(500, "another one begins after")]
    [InlineData(3, "it does not end there")]
    [InlineData(100_000_000, "longer than")]
    public void A_wrong_length_loses_one_record(int stated, string reason)
    {
        var (first, middle, last) = (Record("conversion", "text/plain", "first"), Record("conversion", "text/plain", "wrong length", length: stated), Record("conversion", "text/plain", "last"));
        var archive = first + middle + (stated > 1000 ? new string(' ', 1000) : "") + string.Concat(Enumerable.Repeat(last, 20));
        var read = Reading.Of(new WarcReader(), archive, new() { RecordBytes = 1 << 20 });
        Assert.Equal("first", read.Texts[0]);
        Assert.Equal(1, read.Log.BrokenCount);
        Assert.Equal(Encoding.UTF8.GetByteCount(first), read.Log.Problems[0].Position);
        Assert.Contains(reason, read.Log.Problems[0].Reason, StringComparison.Ordinal);
        if (stated < 1000) Assert.Equal(21, read.Documents.Count);
    }

    [Fact]
    public void Records_without_a_length_and_records_cut_off_are_told()
    {
        var good = Record("conversion", "text/plain", "good");
        var read = Reading.Of(new WarcReader(), "WARC/1.0\r\nWARC-Type: conversion\r\n\r\nlost\r\n\r\n" + good + Record("conversion", "text/plain", "cut", length: 50));
        Assert.Equal(["good"], read.Texts);
        Assert.Equal(["the record does not say how long it is", "the record of 50 bytes is cut off"], read.Log.Problems.Select(problem => problem.Reason));
    }

    private static string Record(string type, string contentType, string body, string uri = "http://x/", int? length = null) =>
        $"WARC/1.0\r\nWARC-Type: {type}\r\nWARC-Target-URI: {uri}\r\nContent-Type: {contentType}\r\nContent-Length: {length ?? Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}\r\n\r\n";
}
