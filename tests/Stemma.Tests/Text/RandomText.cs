using System.Text;

namespace Stemma.Tests.Text;

/// <summary>Seeded text of many kinds: words, runs of one kind, all planes of Unicode, and what tokenizers stumble over.</summary>
internal static class RandomText
{
    private static readonly string[] Pieces =
    [
        " ", "  ", "   ", "\n", "\n\n", "\t", "\r\n", "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'", "''", "'x", "the", "Hello", "world", "123", "4", ".", "...",
        "!?", "\u00a0", "\u3000", "\u0085", "\u2028", "\u001c", "é", "e\u0301", "ß", "漢字", "日本", "привет", "हिन्दी", "½", "²", "Ⅷ", "🙂", "👩‍👩‍👧", "𝒜", "𐐀", "𠀀", "𝟘", "\ufeff", "\u200b", "\0", "<|endoftext|>",
    ];

    public static string Next(Random random, int parts)
    {
        var text = new StringBuilder();
        for (var part = 0; part < parts; part++)
        {
            if (random.Next(3) > 0) text.Append(Pieces[random.Next(Pieces.Length)]);
            else text.Append(new Rune(Scalar(random)).ToString());
        }

        return text.ToString();
    }

    public static int Scalar(Random random)
    {
        while (true)
        {
            var value = random.Next(4) switch
            {
                0 => random.Next(0x80),
                1 => random.Next(0x3000),
                2 => random.Next(0x10000),
                _ => random.Next(0x110000),
            };
            if (Rune.IsValid(value)) return value;
        }
    }
}
