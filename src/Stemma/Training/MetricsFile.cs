namespace Stemma.Training;

/// <summary><c>metrics.jsonl</c>: a line per step and per evaluation.</summary>
internal sealed class MetricsFile : IDisposable
{
    private readonly FileStream _stream;

    /// <summary>Opens the file and cuts off what the checkpoint does not know of.</summary>
    public MetricsFile(string path, long length)
    {
        _stream = new(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        _stream.SetLength(Math.Min(length, _stream.Length));
        _stream.Seek(0, SeekOrigin.End);
    }

    public void Write(TrainingStep step) => Write(TrainingRecords.Line(step));

    public void Write(int step, Evaluation.Evaluation evaluation) => Write(TrainingRecords.Line(step, evaluation));

    /// <summary>Puts what was written on the disk.</summary>
    /// <returns>The file's length.</returns>
    public long Flush()
    {
        _stream.Flush(flushToDisk: true);
        return _stream.Length;
    }

    public void Dispose() => _stream.Dispose();

    private void Write(string line)
    {
        _stream.Write(System.Text.Encoding.UTF8.GetBytes(line));
        _stream.WriteByte((byte)'\n');
        _stream.Flush();
    }
}
