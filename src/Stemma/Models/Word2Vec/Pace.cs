using System.Diagnostics;
using Stemma.Models.WordEmbeddings;

namespace Stemma.Models.Word2Vec;

/// <summary>How far all learners together are, and the learning rate there: it falls in a straight line from its start to a ten-thousandth of it.</summary>
internal sealed class Pace(double startRate, long totalWords, IProgress<WordVectorProgress>? progress)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _words;

    public float Rate => (float)(startRate * Math.Max(1e-4, 1 - Interlocked.Read(ref _words) / (totalWords + 1.0)));

    /// <summary>Counts words, and gives the rate that now holds.</summary>
    public float Add(long words)
    {
        var done = Interlocked.Add(ref _words, words);
        progress?.Report(new("Learning", Math.Min(1, done / (double)totalWords), done / Math.Max(1e-9, Stopwatch.GetElapsedTime(_start).TotalSeconds)));
        return Rate;
    }
}
