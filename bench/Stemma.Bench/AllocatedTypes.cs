using System.Diagnostics.Tracing;

namespace Stemma.Bench;

/// <summary>Estimates how many managed bytes of each type the process allocates, from the runtime's random samples of one byte in 100 KB.</summary>
internal sealed class AllocatedTypes : EventListener
{
    private const double BytesPerSample = 102_400;
    private const EventKeywords AllocationSampling = (EventKeywords)0x80000000000;
    private readonly Dictionary<string, (double Bytes, double Count)> _types = [];

    /// <summary>The types with the most bytes first.</summary>
    public IReadOnlyList<(string Name, double Bytes, double Count)> Types
    {
        get
        {
            lock (_types) return [.. _types.Select(type => (type.Key, type.Value.Bytes, type.Value.Count)).OrderByDescending(type => type.Bytes)];
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime") EnableEvents(eventSource, EventLevel.Informational, AllocationSampling);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName != "AllocationSampled") return;
        var size = Convert.ToDouble(Payload("ObjectSize"));
        var name = (string)Payload("TypeName");
        // An object is sampled when one of its bytes is: the larger it is, the more often.
        var objects = 1 / (1 - Math.Exp(-size / BytesPerSample));
        lock (_types)
        {
            var (bytes, count) = _types.GetValueOrDefault(name);
            _types[name] = (bytes + objects * size, count + objects);
        }

        object Payload(string field) => eventData.Payload![eventData.PayloadNames!.IndexOf(field)]!;
    }
}
