using Stemma.Models.Word2Vec;
using Stemma.Models.WordEmbeddings;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Words;
using Xunit;

namespace Stemma.Tests.Models.Word2Vec;

public sealed class Word2VecTests
{
    public static TheoryData<Stemma.Models.Word2Vec.Architecture, Objective> Variants =>
    [
        (new SkipGram(), new NegativeSampling()), (new SkipGram(), new HierarchicalSoftmax()),
        (new Cbow(), new NegativeSampling()), (new Cbow(), new HierarchicalSoftmax()),
    ];

    [Theory, MemberData(nameof(Variants))]
    public void Words_of_one_topic_come_together(Stemma.Models.Word2Vec.Architecture architecture, Objective objective)
    {
        var corpus = TopicText.Corpus();
        var vectors = new Word2VecConfig { Architecture = architecture, Objective = objective, VectorSize = 20, Subsample = 0, Passes = 4 }.Train(corpus);
        Assert.Equal(corpus.Vocabulary.Words, vectors.Words);
        for (var id = 0; id < vectors.Count; id++)
        {
            if (vectors.Words[id][0] != 't') continue;
            var near = vectors.Neighbours(id, TopicText.WordsPerTopic - 1);
            Assert.All(near, word => Assert.Equal(vectors.Words[id][..2], word.Word[..2]));
        }
    }

    [Theory, MemberData(nameof(Variants))]
    public void One_thread_and_one_seed_give_the_same_bits(Stemma.Models.Word2Vec.Architecture architecture, Objective objective)
    {
        var corpus = TopicText.Corpus(300);
        var config = new Word2VecConfig { Architecture = architecture, Objective = objective, VectorSize = 11, Passes = 1 };
        var first = config.Train(corpus, seed: 5).Values.ToArray();
        Assert.Equal(first, config.Train(corpus, seed: 5).Values.ToArray());
        Assert.NotEqual(first, config.Train(corpus, seed: 6).Values.ToArray());
        Assert.All(first, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Hogwild_learns_as_well_and_one_of_its_threads_is_the_sequential_trainer()
    {
        var corpus = TopicText.Corpus();
        var config = new Word2VecConfig { VectorSize = 20, Subsample = 0, Passes = 4 };
        var vectors = (config with { Trainer = new HogwildTrainer { ThreadCount = 4 } }).Train(corpus);
        for (var id = 0; id < vectors.Count; id++)
            if (vectors.Words[id][0] == 't') Assert.Equal(vectors.Words[id][..2], vectors.Neighbours(id, 1)[0].Word[..2]);
        config = config with { Passes = 1 };
        Assert.Equal(config.Train(corpus).Values.ToArray(), (config with { Trainer = new HogwildTrainer { ThreadCount = 1 } }).Train(corpus).Values.ToArray());
    }

    [Fact]
    public void Frequent_words_are_kept_as_often_as_the_original_keeps_them()
    {
        // (√(f/t) + 1)·t/f, in word2vec.c: a word that is half of the text, at a threshold of 0.01, and one below it.
        var corpus = WordCorpus.Read([new Document("text", string.Join(' ', Enumerable.Repeat("a a b c d e", 1000)) + " rare")], new PlainWords());
        var kept = new Word2VecConfig { Subsample = 0.01 }.Kept(corpus);
        var share = 2000.0 / corpus.WordCount;
        Assert.Equal((Math.Sqrt(share / 0.01) + 1) * 0.01 / share, kept[0] / 4294967296.0, 1e-6);
        Assert.Equal(uint.MaxValue, kept[corpus.Vocabulary.Find("rare")]);
        Assert.All(new Word2VecConfig { Subsample = 0 }.Kept(corpus), threshold => Assert.Equal(uint.MaxValue, threshold));
    }

    [Fact]
    public void Stopping_stops()
    {
        using var stop = new CancellationTokenSource();
        var report = new Stopper(stop);
        Assert.ThrowsAny<OperationCanceledException>(() => new Word2VecConfig { Passes = 1000 }.Train(TopicText.Corpus(), progress: report, cancellation: stop.Token));
        Assert.ThrowsAny<OperationCanceledException>(() => new Word2VecConfig { Passes = 1000, Trainer = new HogwildTrainer { ThreadCount = 3 } }.Train(TopicText.Corpus(), cancellation: stop.Token));
        Assert.InRange(report.Last.Fraction, 0, 0.1);
    }

    [Fact]
    public void Settings_out_of_range_are_refused_by_name()
    {
        (Word2VecConfig Config, string Message)[] wrong =
        [
            (new() { VectorSize = 0 }, "vector size is 0"), (new() { Window = 0 }, "window is 0"), (new() { Subsample = 1 }, "threshold is 1"), (new() { Passes = 0 }, "passes is 0"),
            (new() { LearningRate = -1 }, "rate is -1"), (new() { Objective = new NegativeSampling { Count = 0 } }, "samples is 0"), (new() { Trainer = new HogwildTrainer { ThreadCount = 0 } }, "threads is 0"),
        ];
        foreach (var (config, message) in wrong) Assert.Contains(message, Assert.Throws<ConfigurationException>(config.Validate).Message, StringComparison.Ordinal);
    }

    private sealed class Stopper(CancellationTokenSource stop) : IProgress<WordVectorProgress>
    {
        public WordVectorProgress Last { get; private set; }

        public void Report(WordVectorProgress value)
        {
            Last = value;
            stop.Cancel();
        }
    }
}
