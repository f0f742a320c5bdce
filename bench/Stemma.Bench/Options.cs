using Stemma.Numerics;

namespace Stemma.Bench;

/// <summary>Options of a benchmark: <c>--name value</c>.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = [];
    private readonly HashSet<string> _used = [];

    public Options(string[] args)
    {
        for (var i = 0; i < args.Length; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Length) throw new ArgumentException($"Options come as --name value; {args[i]} does not.");
            _values[args[i]] = args[i + 1];
        }
    }

    public string Text(string name, string otherwise) => _used.Add(name) && _values.TryGetValue(name, out var value) ? value : otherwise;

    public bool Switch(string name) => Text(name, "off") switch
    {
        "on" => true,
        "off" => false,
        var other => throw new ArgumentException($"{name} is on or off, not {other}."),
    };

    public int Number(string name, int otherwise) => int.Parse(Text(name, $"{otherwise}"));

    public ComputePrecision Precision() => Text("--precision", "float32") switch
    {
        "float32" => ComputePrecision.Float32,
        "bfloat16" => ComputePrecision.BFloat16,
        var other => throw new ArgumentException($"There is no precision {other}; choose float32 or bfloat16."),
    };

    public void RequireAllUsed()
    {
        var unknown = _values.Keys.Except(_used).ToArray();
        if (unknown.Length > 0) throw new ArgumentException($"There is no option {string.Join(", ", unknown)}.");
    }
}
