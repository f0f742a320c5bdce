using System.Runtime.InteropServices;
using Stemma.Models.WordEmbeddings;
using Stemma.Numerics;
using Stemma.Text.Corpora.Words;

namespace Stemma.Models.Word2Vec;

/// <summary>Goes over a stretch of a text on one thread and learns: sentences, subsampling, windows, the falling learning rate.</summary>
internal sealed unsafe class Learner : IDisposable
{
    /// <summary>Longer sentences are cut, as in the original.</summary>
    private const int LongestSentence = 1000;

    private const int WordsPerReport = 10_000;

    private readonly Word2VecConfig _config;
    private readonly OutputLayer _output;
    private readonly RandomBits _random;
    private readonly uint[] _kept;
    private readonly int[] _rows;
    private readonly float[] _labels;
    private readonly float* _buffers;
    private readonly float** _pointers;
    private readonly float* _scores, _answers, _spare;
    private float _rate;

    /// <param name="config">What is learnt.</param>
    /// <param name="input">The vectors of words.</param>
    /// <param name="output">What predicts.</param>
    /// <param name="random">This learner's own numbers.</param>
    /// <param name="kept">By word: it is kept where 32 random bits are not above this.</param>
    public Learner(Word2VecConfig config, RowMatrix input, OutputLayer output, RandomStream random, uint[] kept)
    {
        (_config, Input, _output, _random, _kept) = (config, input, output, new(random), kept);
        var (row, capacity) = (input.VectorCount * 8, LogisticRows.Capacity(output.MostRows));
        (_rows, _labels) = (new int[output.MostRows], new float[output.MostRows]);
        var bytes = (nuint)(((3 * row) + (2 * capacity)) * sizeof(float) + capacity * sizeof(float*));
        _buffers = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(_buffers, bytes);
        Hidden = _buffers;
        Error = _buffers + row;
        _spare = _buffers + 2 * row;
        _pointers = (float**)(_buffers + 3 * row);
        _scores = (float*)(_pointers + capacity);
        _answers = _scores + capacity;
    }

    /// <summary>The vectors of words.</summary>
    public RowMatrix Input { get; }

    /// <summary>Room for a hidden vector.</summary>
    public float* Hidden { get; }

    /// <summary>By what the hidden vector of the last <see cref="Predict"/> should move.</summary>
    public float* Error { get; }

    /// <summary>Predicts a word from a hidden vector and learns from the answer; <see cref="Error"/> is then the hidden vector's step.</summary>
    public void Predict(float* hidden, int word)
    {
        var count = _output.Ask(word, _random, _rows, _labels);
        for (var i = 0; i < count; i++)
        {
            _pointers[i] = _output.Weights.Row(_rows[i]);
            _answers[i] = _labels[i];
        }
        LogisticRows.Step(hidden, _pointers, _answers, _scores, count, _spare, Input.VectorCount, _rate, Error);
    }

    /// <summary>Learns from a stretch of text.</summary>
    /// <param name="tokens">Whole sentences.</param>
    /// <param name="pace">What all learners share: how far they are.</param>
    /// <param name="cancellation">Stops it.</param>
    public void Run(ReadOnlySpan<int> tokens, Pace pace, CancellationToken cancellation)
    {
        var sentence = new int[LongestSentence];
        _rate = pace.Rate;
        for (var pass = 0; pass < _config.Passes; pass++)
        {
            var seen = 0;
            for (var position = 0; position < tokens.Length;)
            {
                var length = 0;
                while (position < tokens.Length && length < LongestSentence)
                {
                    var word = tokens[position++];
                    if (word == WordCorpus.SentenceEnd) break;
                    seen++;
                    if (_kept[word] == uint.MaxValue || _random.Next() <= _kept[word]) sentence[length++] = word;
                }
                for (var place = 0; place < length; place++) _config.Architecture.Learn(this, sentence.AsSpan(0, length), place, _config.Window - _random.Below(_config.Window));
                if (seen < WordsPerReport && position < tokens.Length) continue;
                cancellation.ThrowIfCancellationRequested();
                _rate = pace.Add(seen);
                seen = 0;
            }
        }
    }

    public void Dispose() => NativeMemory.AlignedFree(_buffers);
}
