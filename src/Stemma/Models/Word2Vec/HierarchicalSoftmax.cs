using Stemma.Text.Corpora.Words;

namespace Stemma.Models.Word2Vec;

/// <summary>
/// The way to the word through a binary tree, a question at each fork: p(word | h) = Π σ(±v·h), which adds up to 1 over all words.
/// Morin and Bengio 2005; with Huffman's tree, Mikolov, Chen, Corrado and Dean 2013, arXiv:1301.3781.
/// </summary>
/// <remarks>The original leaves out forks with |v·h| ≥ 6, where its table of σ ends; here they count like any other.</remarks>
public sealed record HierarchicalSoftmax : Objective
{
    /// <inheritdoc/>
    public override string ToString() => "hierarchical softmax";

    internal override OutputLayer Build(WordVocabulary vocabulary, int vectorSize) => new Layer(new HuffmanTree(vocabulary.Counts), vocabulary.Count, vectorSize);

    internal override void Validate()
    {
    }

    private sealed class Layer(HuffmanTree tree, int words, int vectorSize) : OutputLayer(new(words - 1, vectorSize))
    {
        public override int MostRows => tree.MostDepth;

        public override int Ask(int word, RandomBits random, Span<int> rows, Span<float> labels)
        {
            var nodes = tree.Nodes(word);
            var turns = tree.Turns(word);
            nodes.CopyTo(rows);
            for (var i = 0; i < turns.Length; i++) labels[i] = turns[i] ? 0 : 1;
            return nodes.Length;
        }
    }
}
