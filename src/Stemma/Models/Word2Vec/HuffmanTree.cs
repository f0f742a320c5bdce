namespace Stemma.Models.Word2Vec;

/// <summary>A binary tree whose leaves are words, frequent ones near the root. Huffman 1952.</summary>
internal sealed class HuffmanTree
{
    private readonly int[] _starts, _nodes;
    private readonly bool[] _turns;

    /// <param name="counts">Of the words, most frequent first; at least two.</param>
    public HuffmanTree(ReadOnlySpan<long> counts)
    {
        var leaves = counts.Length;
        var (weights, parents, isSecond) = (new long[2 * leaves - 1], new int[2 * leaves - 1], new bool[2 * leaves - 1]);
        counts.CopyTo(weights);
        // Two queues, both from the rarest: the leaves from the end, the inner nodes in the order they are made.
        var (leaf, inner) = (leaves - 1, leaves);
        for (var node = leaves; node < weights.Length; node++)
        {
            var (first, second) = (Rarest(node), Rarest(node));
            weights[node] = weights[first] + weights[second];
            parents[first] = parents[second] = node - leaves;
            isSecond[second] = true;
        }

        _starts = new int[leaves + 1];
        for (var word = 0; word < leaves; word++) _starts[word + 1] = _starts[word] + Depth(word);
        (_nodes, _turns) = (new int[_starts[^1]], new bool[_starts[^1]]);
        for (var word = 0; word < leaves; word++)
        {
            var node = word;
            for (var place = _starts[word + 1] - 1; place >= _starts[word]; place--)
            {
                (_nodes[place], _turns[place]) = (parents[node], isSecond[node]);
                node = leaves + parents[node];
            }
            MostDepth = Math.Max(MostDepth, _starts[word + 1] - _starts[word]);
        }

        int Rarest(int end) => leaf >= 0 && (inner >= end || weights[leaf] < weights[inner]) ? leaf-- : inner++;

        int Depth(int word)
        {
            var depth = 0;
            for (var node = word; node != weights.Length - 1; node = leaves + parents[node]) depth++;
            return depth;
        }
    }

    /// <summary>The longest way from the root to a word.</summary>
    public int MostDepth { get; }

    /// <summary>The inner nodes from the root to a word, numbered 0 … words − 2.</summary>
    public ReadOnlySpan<int> Nodes(int word) => _nodes.AsSpan(_starts[word].._starts[word + 1]);

    /// <summary>At each of them, whether the way takes the second turn.</summary>
    public ReadOnlySpan<bool> Turns(int word) => _turns.AsSpan(_starts[word].._starts[word + 1]);
}
