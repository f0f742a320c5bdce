using System.Runtime.ExceptionServices;
using Stemma.Text.Corpora.Words;

namespace Stemma.Models.Word2Vec;

/// <summary>
/// Several threads change the same vectors at once without a lock; each has a stretch of the text. Now and then one overwrites another's
/// step, which costs little where words are many; but no two runs give the same bits. Recht, Ré, Wright and Niu 2011, "Hogwild!".
/// </summary>
public sealed record HogwildTrainer : Word2VecTrainer
{
    /// <summary>Threads.</summary>
    public int ThreadCount { get; init; } = Environment.ProcessorCount;

    internal override void Validate()
    {
        if (ThreadCount is < 1 or > 1024) throw new ConfigurationException($"The number of threads is {ThreadCount}; it is from 1 to 1024.");
    }

    internal override void Run(ReadOnlyMemory<int> tokens, Func<int, Learner> create, Pace pace, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ExceptionDispatchInfo? failure = null;
        var threads = Stretches(tokens).Select((stretch, i) => new Thread(() =>
        {
            try
            {
                using var learner = create(i);
                learner.Run(stretch.Span, pace, stop.Token);
            }
#pragma warning disable CA1031 // told to the caller, whatever it is
            catch (Exception error)
#pragma warning restore CA1031
            {
                // The first to fail stops the others, whose being stopped is not the reason.
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(error), null);
                stop.Cancel();
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        failure?.Throw();
    }

    /// <summary>Parts of about the same length, cut where sentences end.</summary>
    private IEnumerable<ReadOnlyMemory<int>> Stretches(ReadOnlyMemory<int> tokens)
    {
        var start = 0;
        for (var i = 1; i <= ThreadCount; i++)
        {
            var end = Math.Max(start, (int)((long)tokens.Length * i / ThreadCount));
            while (end < tokens.Length && (end == start || tokens.Span[end - 1] != WordCorpus.SentenceEnd)) end++;
            if (end > start) yield return tokens[start..end];
            start = end;
        }
    }
}
