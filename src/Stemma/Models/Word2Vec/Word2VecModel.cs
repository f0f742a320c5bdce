namespace Stemma.Models.Word2Vec;

/// <summary>What word2vec has learnt: the vectors of words, and what predicts from them.</summary>
internal sealed record Word2VecModel(WordEmbeddings.RowMatrix Input, OutputLayer Output) : IDisposable
{
    public void Dispose()
    {
        Input.Dispose();
        Output.Dispose();
    }
}
