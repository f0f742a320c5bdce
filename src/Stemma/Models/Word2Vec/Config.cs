using Stemma.Models.WordEmbeddings;
using Stemma.Numerics;
using Stemma.Text.Corpora.Words;

namespace Stemma.Models.Word2Vec;

/// <summary>Vectors of words that predict each other. Mikolov et al. 2013, arXiv:1301.3781 and arXiv:1310.4546.</summary>
public sealed record Word2VecConfig : WordVectorConfig
{
    /// <summary>What is predicted from what.</summary>
    public Architecture Architecture { get; init; } = new SkipGram();

    /// <summary>In what way.</summary>
    public Objective Objective { get; init; } = new NegativeSampling();

    /// <summary>Words of a higher share t than this are left out by chance, so that √(this/t) + this/t of them stay; 0 keeps all.</summary>
    public double Subsample { get; init; } = 1e-3;

    /// <summary>Times that the text is gone over.</summary>
    public int Passes { get; init; } = 5;

    /// <summary>The first learning rate; null for the architecture's usual one.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Who carries it out: one thread, which gives the same bits each time, or several at once.</summary>
    public Word2VecTrainer Trainer { get; init; } = new SequentialTrainer();

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Objective.Validate();
        Trainer.Validate();
        if (Subsample is not (>= 0 and < 1)) throw new ConfigurationException($"The subsampling threshold is {Subsample}; it is at least 0 and below 1.");
        if (Passes < 1) throw new ConfigurationException($"The number of passes is {Passes}; it is at least 1.");
        if (LearningRate is not null and not (> 0 and < 10)) throw new ConfigurationException($"The learning rate is {LearningRate}; it is above 0 and below 10.");
    }

    /// <inheritdoc/>
    private protected override WordVectors Learn(WordCorpus corpus, ulong seed, IProgress<WordVectorProgress>? progress, CancellationToken cancellation)
    {
        using var model = Fit(corpus, seed, progress, cancellation);
        return new(corpus.Vocabulary.Words, VectorSize, model.Input.ToArray());
    }

    /// <summary>Learns, and gives what predicts beside the vectors of words.</summary>
    internal Word2VecModel Fit(WordCorpus corpus, ulong seed, IProgress<WordVectorProgress>? progress, CancellationToken cancellation)
    {
        var random = new RandomStream(seed).Fork("word2vec");
        var (input, kept) = (new RowMatrix(corpus.Vocabulary.Count, VectorSize), Kept(corpus));
        OutputLayer? output = null;
        try
        {
            output = Objective.Build(corpus.Vocabulary, VectorSize);
            Initialise(input, random.Fork("initial"));
            var pace = new Pace(LearningRate ?? Architecture.UsualLearningRate, Passes * corpus.WordCount, progress);
            Trainer.Run(corpus.Tokens, stretch => new Learner(this, input, output, random.Fork((ulong)stretch), kept), pace, cancellation);
            return new(input, output);
        }
        catch
        {
            input.Dispose();
            output?.Dispose();
            throw;
        }
    }

    /// <summary>skip-gram, 5 negative samples, 100 numbers, window 5, 5 passes.</summary>
    public override string ToString() => $"{Architecture}, {Objective}, {VectorSize} numbers, window {Window}, {Passes} {(Passes == 1 ? "pass" : "passes")}{(Trainer is HogwildTrainer { ThreadCount: var threads } ? $", Hogwild on {threads} threads" : "")}";

    /// <summary>By word, the 32 random bits up to which it is kept: √(t/f) + t/f of the time, where f is its share.</summary>
    internal uint[] Kept(WordCorpus corpus)
    {
        var threshold = Subsample * corpus.WordCount;
        return [.. corpus.Vocabulary.Counts.ToArray().Select(count => Subsample == 0 ? uint.MaxValue : (uint)Math.Min(uint.MaxValue, (Math.Sqrt(count / threshold) + 1) * threshold / count * 4294967296.0))];
    }

    // Uniform within ±½ ÷ size, as the original.
    private static void Initialise(RowMatrix input, RandomStream random)
    {
        var bits = new uint[input.Columns];
        for (var row = 0; row < input.Rows; row++)
        {
            Philox.FillUniformBits(random.Seed, random.Stream, (ulong)row * (ulong)input.Columns, bits);
            for (var i = 0; i < bits.Length; i++) input[row][i] = ((bits[i] >> 8) / 16777216f - 0.5f) / input.Columns;
        }
    }
}
