using Stemma.Numerics;

namespace Stemma.Reproductions;

/// <summary>What the measurement of a claim is given.</summary>
public sealed record ReproductionContext
{
    /// <summary>Where files of data lie; null where none are given.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Where runs that are saved and resumed lie.</summary>
    public string RunsFolder { get; init; } = "runs";

    /// <summary>What it computes on.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>Told what happens, a line at a time.</summary>
    public IProgress<string>? Progress { get; init; }

    /// <summary>Stops between steps.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The path of a file of data.</summary>
    /// <param name="file">From the folder of data.</param>
    /// <exception cref="ConfigurationException">There is no such file.</exception>
    public string Data(string file)
    {
        if (DataFolder is null) throw new ConfigurationException($"This claim reads {file}; name the folder that holds it with --data.");
        var path = Path.Combine(DataFolder, file);
        return File.Exists(path) ? path : throw new ConfigurationException($"{DataFolder} holds no {file}, which this claim reads.");
    }
}
