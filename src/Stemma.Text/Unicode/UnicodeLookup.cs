using System.Collections.Frozen;

namespace Stemma.Text.Unicode;

/// <summary>Properties of code points from <see cref="UnicodeTables"/>, laid out for reading at first use.</summary>
internal static class UnicodeLookup
{
    private const int ClassLimit = 0x20000;
    private static readonly byte[] Classes = BuildClasses();
    private static readonly FrozenDictionary<int, int[]> Canonical = BuildDecompositions(UnicodeTables.Canonical);
    private static readonly FrozenDictionary<int, int[]> Compatibility = BuildDecompositions(UnicodeTables.Compatibility);
    private static readonly FrozenDictionary<long, int> Composites = BuildComposites();
    private static readonly FrozenDictionary<int, int> Lower = BuildLower();

    /// <summary>The canonical combining class, 0 for starters.</summary>
    public static byte CombiningClass(int code) => code < ClassLimit ? Classes[code] : (byte)0;

    /// <summary>The full decomposition of a code point; null when it is itself. Hangul syllables are the caller's.</summary>
    public static int[]? Decomposition(int code, bool compatibility)
    {
        if (compatibility && Compatibility.TryGetValue(code, out var parts)) return parts;
        return Canonical.TryGetValue(code, out parts) ? parts : null;
    }

    /// <summary>The primary composite of two code points; −1 when there is none. Hangul is the caller's.</summary>
    public static int Composite(int first, int second) => Composites.GetValueOrDefault(((long)first << 32) | (uint)second, -1);

    /// <summary>The simple lower case of a code point.</summary>
    public static int ToLower(int code)
    {
        if (code < 0x80) return code is >= 'A' and <= 'Z' ? code | 0x20 : code;
        return Lower.GetValueOrDefault(code, code);
    }

    /// <summary>The script of a code point, an index into <see cref="UnicodeTables.ScriptNames"/>; 0 when it has none.</summary>
    public static int Script(int code)
    {
        var runs = UnicodeTables.Scripts;
        var (low, high) = (0, runs.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (runs[middle] >> 8 <= code) low = middle;
            else high = middle - 1;
        }

        return runs[low] & 0xFF;
    }

    private static byte[] BuildClasses()
    {
        var classes = new byte[ClassLimit];
        foreach (var entry in UnicodeTables.CombiningClasses) classes[entry >> 8] = (byte)entry;
        return classes;
    }

    private static FrozenDictionary<int, int[]> BuildDecompositions(ReadOnlySpan<int> table)
    {
        var parts = new Dictionary<int, int[]>();
        for (var at = 0; at < table.Length; at += 2 + table[at + 1]) parts.Add(table[at], table.Slice(at + 2, table[at + 1]).ToArray());
        return parts.ToFrozenDictionary();
    }

    private static FrozenDictionary<long, int> BuildComposites()
    {
        var table = UnicodeTables.Compositions;
        var composites = new Dictionary<long, int>();
        for (var at = 0; at < table.Length; at += 3) composites.Add(((long)table[at] << 32) | (uint)table[at + 1], table[at + 2]);
        return composites.ToFrozenDictionary();
    }

    private static FrozenDictionary<int, int> BuildLower()
    {
        var table = UnicodeTables.LowerCase;
        var lower = new Dictionary<int, int>();
        for (var at = 0; at < table.Length; at += 2) lower.Add(table[at], table[at + 1]);
        return lower.ToFrozenDictionary();
    }
}
