using System.Globalization;

namespace Stemma.Lineage;

/// <summary>What the processor takes, by its own counter, where the system lets one read it.</summary>
internal sealed class EnergyMeter
{
    private const string Zone = "/sys/class/powercap/intel-rapl:0";
    private readonly double? _start = Microjoules("energy_uj");

    /// <summary>Joules since this was made, those of everything that ran; null where the machine does not tell.</summary>
    public double? Joules
    {
        get
        {
            if (_start is not { } start || Microjoules("energy_uj") is not { } now) return null;
            // The counter begins again at its end.
            if (now < start) now += Microjoules("max_energy_range_uj") ?? 0;
            return (now - start) / 1e6;
        }
    }

    private static double? Microjoules(string file)
    {
        try
        {
            return double.Parse(File.ReadAllText(Path.Combine(Zone, file)), CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
