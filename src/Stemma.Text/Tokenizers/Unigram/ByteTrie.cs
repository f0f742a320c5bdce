namespace Stemma.Text.Tokenizers.Unigram;

/// <summary>Finds all keys that a text begins with. Nodes are numbers; an edge (node, byte) is looked up by hashing; the root's lie in a table.</summary>
internal sealed class ByteTrie
{
    /// <summary>What <see cref="Step"/> answers where no key goes on.</summary>
    public const int None = -1;

    private readonly int[] root = new int[256];
    private readonly int[] values;
    private ulong[] edges = new ulong[16];
    private int shift = 64 - 4;

    /// <param name="keys">The keys, not empty; one given twice has its last value.</param>
    public ByteTrie(IReadOnlyList<(byte[] Key, int Value)> keys)
    {
        Array.Fill(root, None);
        List<int> found = [-1];
        foreach (var (key, value) in keys)
        {
            var node = 0;
            foreach (var next in key) node = StepOrAdd(node, next, found);
            found[node] = value;
        }

        values = [.. found];
    }

    /// <summary>The value of the key that ends at a node; −1 where none does.</summary>
    public int Value(int node) => values[node];

    /// <summary>The node after one more byte; the root is 0.</summary>
    public int Step(int node, byte next)
    {
        if (node == 0) return root[next];
        var key = ((ulong)(uint)node << 8) | next;
        for (var slot = (int)((key * 0x9E3779B97F4A7C15ul) >> shift); ; slot = (slot + 1) & (edges.Length - 1))
        {
            var edge = edges[slot];
            if (edge == 0) return None;
            if (edge >> 32 == key) return (int)(uint)edge;
        }
    }

    private int StepOrAdd(int node, byte next, List<int> found)
    {
        if (node == 0 ? root[next] != None : Step(node, next) != None) return Step(node, next);
        var added = found.Count;
        // Nodes stay below 2²⁴, so that node and byte fit in 32 bits.
        if (added >= 1 << 24) throw new TextFormatException("The vocabulary has more than 16 million characters.");
        found.Add(-1);
        if (node == 0)
        {
            root[next] = added;
            return added;
        }

        if (added * 2L > edges.Length) Grow();
        Insert(((ulong)(((uint)node << 8) | next) << 32) | (uint)added);
        return added;
    }

    private void Grow()
    {
        var before = edges;
        edges = new ulong[before.Length * 2];
        shift--;
        foreach (var edge in before)
            if (edge != 0) Insert(edge);
    }

    private void Insert(ulong edge)
    {
        var slot = (int)(((edge >> 32) * 0x9E3779B97F4A7C15ul) >> shift);
        while (edges[slot] != 0) slot = (slot + 1) & (edges.Length - 1);
        edges[slot] = edge;
    }
}
