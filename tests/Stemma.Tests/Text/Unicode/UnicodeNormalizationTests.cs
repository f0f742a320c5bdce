using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Stemma.Text.Unicode;
using Xunit;

namespace Stemma.Tests.Text.Unicode;

public sealed class UnicodeNormalizationTests
{
    [Fact]
    public void Every_line_of_the_conformance_test_holds()
    {
        using var stream = new GZipStream(File.OpenRead(TextData.Shared("unicode", "NormalizationTest-nfc-nfd.txt.gz")), CompressionMode.Decompress);
        using var reader = new StreamReader(stream);
        var lines = 0;
        while (reader.ReadLine() is { } line)
        {
            var columns = line.Split('#')[0].Split(';');
            if (columns.Length < 3 || line.StartsWith('@')) continue;
            var (source, composed, decomposed) = (Text(columns[0]), Text(columns[1]), Text(columns[2]));
            foreach (var text in (string[])[source, composed, decomposed])
            {
                Assert.True(composed == UnicodeNormalization.Normalize(text, NormalizationForm.FormC), $"NFC of {line}");
                Assert.True(decomposed == UnicodeNormalization.Normalize(text, NormalizationForm.FormD), $"NFD of {line}");
                Assert.True(UnicodeNormalization.Normalize(composed, NormalizationForm.FormKC) == UnicodeNormalization.Normalize(text, NormalizationForm.FormKC), $"NFKC of {line}");
            }

            lines++;
        }

        Assert.True(lines > 19_000, $"{lines} lines");
    }

    [Theory]
    [InlineData("ﬁ①Å½", "fi1\u00C51\u20442", "fi1A\u030A1\u20442")]
    [InlineData("한글\u1100\u1161\u11A8", "한글각", "\u1112\u1161\u11AB\u1100\u1173\u11AF\u1100\u1161\u11A8")]
    [InlineData("ẛ̣", "ṩ", "s\u0323\u0307")]
    [InlineData("𝐀\u00A0", "A ", "A ")]
    public void Compatibility_forms_are_those_of_the_standard(string text, string composed, string decomposed)
    {
        Assert.Equal(composed, UnicodeNormalization.Normalize(text, NormalizationForm.FormKC));
        Assert.Equal(decomposed, UnicodeNormalization.Normalize(text, NormalizationForm.FormKD));
    }

    [Fact]
    public void A_text_of_marks_alone_takes_no_longer_than_its_length()
    {
        var text = string.Concat(Enumerable.Repeat("\u0301\u0327\u0323", 200_000));
        var watch = Stopwatch.StartNew();
        var normalized = UnicodeNormalization.Normalize(text, NormalizationForm.FormC);
        Assert.Equal(text.Length, normalized.Length);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    private static string Text(string codes) => string.Concat(codes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(code => new Rune(Convert.ToInt32(code, 16)).ToString()));
}
