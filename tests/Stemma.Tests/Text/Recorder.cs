namespace Stemma.Tests.Text;

/// <summary>Keeps what is reported, at once and in order.</summary>
internal sealed class Recorder<T>(List<T> reports) : IProgress<T>
{
    public void Report(T value)
    {
        lock (reports) reports.Add(value);
    }
}
