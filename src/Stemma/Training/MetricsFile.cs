using System.Text;

namespace Stemma.Training;

/// <summary><c>metrics.jsonl</c>: a line per step and per evaluation.</summary>
internal sealed class MetricsFile : IDisposable
{
    private readonly FileStream _stream;
    private int _lines;

    /// <summary>Opens the file and cuts off the lines that the checkpoint does not know of.</summary>
    public MetricsFile(string path, int lines)
    {
        _stream = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1 << 16);
        for (int next; _lines < lines && (next = _stream.ReadByte()) >= 0;)
            if (next == '\n') _lines++;
        _stream.SetLength(_stream.Position);
    }

    public void Write(TrainingStep step) => Write(TrainingRecords.Line(step));

    public void Write(int step, Evaluation.Evaluation evaluation) => Write(TrainingRecords.Line(step, evaluation));

    public void Write(string line)
    {
        _stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
        _stream.Flush();
        _lines++;
    }

    /// <summary>Puts what was written on the disk.</summary>
    /// <returns>The number of lines.</returns>
    public int Flush()
    {
        _stream.Flush(flushToDisk: true);
        return _lines;
    }

    public void Dispose() => _stream.Dispose();
}
