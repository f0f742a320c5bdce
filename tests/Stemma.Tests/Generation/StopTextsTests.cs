using Stemma.Generation;
using Xunit;

namespace Stemma.Tests.Generation;

public sealed class StopTextsTests
{
    [Theory]
    [InlineData("one END two", "one ")]
    [InlineData("one EN two", "one EN two")]
    [InlineData("END", "")]
    [InlineData("EEND", "E")]
    [InlineData("no stop EN", "no stop EN")]
    [InlineData("a\n\nb", "a")]
    public void A_stop_text_ends_the_text_however_it_is_cut(string text, string expected)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            var stops = new StopTexts(["END", "\n\n"]);
            var shown = "";
            for (var start = 0; start < text.Length && !stops.Stopped; start += size) shown += stops.Append(text.Substring(start, Math.Min(size, text.Length - start)));
            Assert.Equal(expected, shown + stops.Flush());
        }
    }

    [Fact]
    public void Text_that_cannot_begin_a_stop_is_shown_at_once()
    {
        var stops = new StopTexts(["END"]);
        Assert.Equal("abc", stops.Append("abc"));
        Assert.Equal("", stops.Append("E"));
        Assert.Equal("Ex", stops.Append("x"));
    }
}
