using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Reporting;

namespace Stemma.Reproductions.Attention;

/// <summary>How near random features come to the softmax, how many of the nearest keys hashing finds, and what each pattern of blocks reads.</summary>
internal static class ApproximationClaim
{
    private const int Length = 256, Heads = 2, HeadSize = 16, Seeds = 4, Nearest = 5, Buckets = 16, BlockCount = 16;

    private static readonly int[] s_features = [16, 32, 64, 128, 256, 512, 1024], s_rounds = [1, 2, 4, 8, 16];

    private static readonly (string Key, string Title, AttentionPattern Pattern, int Window)[] s_patterns =
    [
        ("causal", "All that came before", new FullPattern(), 0),
        ("window", "A window of 256", new FullPattern(), 256),
        ("strided", "Strided", new StridedPattern { Stride = 4 }, 0),
        ("fixed", "Fixed", new FixedPattern { Stride = 4 }, 0),
        ("longformer", "Longformer", new LocalGlobalPattern { LocalCount = 2 }, 0),
        ("bigbird", "BigBird", new BigBirdPattern(), 0),
    ];

    /// <summary>What must come out, set before anything is measured.</summary>
    public static IReadOnlyList<Band> Bands { get; } =
    [
        new("slope of the squared error against random features", -1.3, -0.7),
        Band.AtMost("squared error of 1,024 features, of the output's square", 0.05),
        Band.AtLeast("nearest keys found in one round of hashing, by chance 0.06", 0.2),
        Band.AtLeast("nearest keys found in 16 rounds, by chance 0.64", 0.85),
        Band.AtLeast("least gain of twice as many rounds", 0),
    ];

    public static Reproduction Measure(ReproductionContext context)
    {
        var errors = s_features.Select(Error).ToArray();
        var recall = s_rounds.Select(Recall).ToArray();
        // The variance of a mean falls with the number of its terms; with few of them the estimate is not one yet.
        var slope = CostClaim.Slope(s_features.Zip(errors, (count, error) => ((double)count, error)).Skip(2));
        return new()
        {
            Measurements =
            [
                new("slope of the squared error against random features", slope),
                new("squared error of 1,024 features, of the output's square", errors[^1]),
                new("nearest keys found in one round of hashing, by chance 0.06", recall[0]),
                new("nearest keys found in 16 rounds, by chance 0.64", recall[^1]),
                new("least gain of twice as many rounds", recall.Zip(recall.Skip(1), (few, many) => many - few).Min()),
            ],
            Figures = s_patterns.ToDictionary(pattern => $"reads-{pattern.Key}", pattern => (Figure)Reads(pattern.Title, pattern.Pattern, pattern.Window)).Concat(new Dictionary<string, Figure>
            {
                ["favor-error"] = new Chart
                {
                    Title = "FAVOR+: the error falls with the features",
                    Subtitle = $"{Length} positions, {Heads} heads of {HeadSize}, mean of {Seeds} draws",
                    X = new LogAxis("random features"),
                    Y = new LogAxis("squared error ÷ square of the output"),
                    Series = [new LineSeries("FAVOR+", [.. s_features.Zip(errors, (count, error) => new ChartPoint(count, error))])],
                },
                ["lsh-recall"] = new Chart
                {
                    Title = "LSH: more rounds find more of the nearest keys",
                    Subtitle = $"the {Nearest} nearest of {Length} by angle, {Buckets} buckets",
                    X = new LogAxis("rounds of hashing"),
                    Y = new LinearAxis("share found"),
                    Series =
                    [
                        new LineSeries("by hashing", [.. s_rounds.Zip(recall, (count, share) => new ChartPoint(count, share))]),
                        new LineSeries("by chance", [.. s_rounds.Select(count => new ChartPoint(count, 1 - Math.Pow(1 - 1.0 / Buckets, count)))]),
                    ],
                },
            }).ToDictionary(),
            Notes = $"""
                Rows of normal numbers, {Length} of them, in {Heads} heads of {HeadSize} channels; means over {Seeds} draws of the directions. Queries and keys of the random features are half as
                long: the variance of the estimate grows with the exponential of their length. The maps are what the kernel reads when all scores are equal, 64 positions a square.
                """,
        };
    }

    /// <summary>The mean squared error of FAVOR+ over the mean square of what the softmax gives.</summary>
    private static double Error(int features)
    {
        var (q, k, v) = (Normal(1) * 0.5, Normal(2) * 0.5, Normal(3));
        var layout = SequenceLayout.Batch(1, Length);
        var expected = TensorOps.Attention(q, k, v, layout, AttentionWindow.Full);
        return Enumerable.Range(0, Seeds).Average(seed =>
            (new LinearAttention(new FavorFeatures(HeadSize, features, new RandomStream((ulong)seed)), isCausal: false).Attend(0, q, k, v, new(layout)) - expected).Square().Mean().ToScalar()) / expected.Square().Mean().ToScalar();
    }

    /// <summary>The share of the nearest rows by angle that share a bucket with a row in some round.</summary>
    private static double Recall(int rounds)
    {
        var rows = Normal(1);
        var unit = (rows / rows.Square().Sum(-1, keepAxis: true).Sqrt()).Transpose(0, 1);
        var cosines = unit.MatMul(unit.Transposed).ToArray<float>();
        var (found, all) = (0, 0);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var buckets = new LshAttention(Buckets, rounds, Length, isCausal: false, new RandomStream((ulong)seed)).Buckets(0, rows);
            for (var head = 0; head < Heads; head++)
            {
                for (var i = 0; i < Length; i++)
                {
                    foreach (var j in Enumerable.Range(0, Length).Where(j => j != i).OrderByDescending(j => cosines[(head * Length + i) * Length + j]).Take(Nearest))
                    {
                        all++;
                        if (buckets.Any(round => round[i * Heads + head] == round[j * Heads + head])) found++;
                    }
                }
            }
        }
        return found / (double)all;
    }

    /// <summary>Values that say from which block they are: the output is how much of each block was read.</summary>
    private static HeatMap Reads(string title, AttentionPattern pattern, int window)
    {
        const int Rows = BlockCount * 64;
        var names = new float[Rows * BlockCount];
        for (var row = 0; row < Rows; row++) names[row * BlockCount + row / 64] = 1;
        var zeros = Tensor.Zeros([Rows, 1, BlockCount]);
        var reach = window > 0 ? AttentionWindow.Sliding(window) : AttentionWindow.Causal;
        var scores = pattern is BlockSparsePattern sparse ? new ScoreDescription { Pattern = sparse.Blocks(reach) } : null;
        var read = TensorOps.Attention(zeros, zeros, Tensor.From(names, [Rows, 1, BlockCount]), SequenceLayout.Batch(1, Rows), reach, scores: scores).ToArray<float>();
        var values = new double[BlockCount][];
        for (var block = 0; block < BlockCount; block++)
        {
            var shares = Enumerable.Range(0, BlockCount).Select(j => Enumerable.Range(block * 64, 64).Average(row => (double)read[row * BlockCount + j])).ToArray();
            values[block] = [.. shares.Select(share => share / shares.Max())];
        }
        string[] blocks = [.. Enumerable.Range(0, BlockCount).Select(block => $"{block}")];
        return HeatMap.Of(title, blocks, blocks, values);
    }

    private static Tensor Normal(ulong stream)
    {
        var random = new RandomStream(7, stream);
        return Tensor.From([.. Enumerable.Range(0, Length * Heads * HeadSize).Select(i => (float)random.Normal((ulong)i))], [Length, Heads, HeadSize]);
    }
}
