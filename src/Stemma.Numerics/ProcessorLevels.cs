using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Stemma.Numerics.Backends.Cpu.Emitted;

namespace Stemma.Numerics;

/// <summary>Which processor levels this process can use, and the one it does.</summary>
/// <remarks>What the processor reports decides, never its name. <c>STEMMA_CPU</c> forces a level, to compare and to test.</remarks>
public static class ProcessorLevels
{
    /// <summary>The environment variable that forces a level; read once per process.</summary>
    public const string Variable = "STEMMA_CPU";

    /// <summary>The levels that the processor, the system and .NET support, lowest first.</summary>
    public static IReadOnlyList<ProcessorLevel> Available { get; } = [.. Enum.GetValues<ProcessorLevel>().Where(level => level <= Best())];

    private static readonly Lazy<ProcessorLevel> s_current = new(() => Choose(Environment.GetEnvironmentVariable(Variable), Available));

    /// <summary>The level whose kernels this process uses: the best available, or what <see cref="Variable"/> says.</summary>
    /// <exception cref="ProcessorLevelException"><see cref="Variable"/> names no level, or one that is not available.</exception>
    public static ProcessorLevel Current => s_current.Value;

    /// <summary>The name of a level in <see cref="Variable"/>: <c>portable</c>, <c>avx2</c>, <c>avx512</c>, <c>avx512bf16</c>, <c>amx</c>.</summary>
    public static string Name(this ProcessorLevel level) => level switch
    {
        ProcessorLevel.Portable => "portable",
        ProcessorLevel.Avx2 => "avx2",
        ProcessorLevel.Avx512 => "avx512",
        ProcessorLevel.Avx512BFloat16 => "avx512bf16",
        ProcessorLevel.Amx => "amx",
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "Unknown processor level."),
    };

    /// <summary>The level to use where <paramref name="wanted"/> was asked for; empty asks for the best.</summary>
    /// <exception cref="ProcessorLevelException"><paramref name="wanted"/> names no level, or one that is not available.</exception>
    internal static ProcessorLevel Choose(string? wanted, IReadOnlyList<ProcessorLevel> available)
    {
        if (string.IsNullOrWhiteSpace(wanted)) return available[^1];
        var all = Enum.GetValues<ProcessorLevel>();
        var index = Array.FindIndex(all, level => string.Equals(level.Name(), wanted.Trim(), StringComparison.OrdinalIgnoreCase));
        if (index < 0) throw new ProcessorLevelException($"{Variable} is \"{wanted}\", which is no processor level; use {List(all, "or")}, or unset it for the best that is available here, {available[^1].Name()}.");
        if (!available.Contains(all[index]))
            throw new ProcessorLevelException($"{Variable} asks for {all[index].Name()}, which this processor, system or .NET runtime does not support; use {List(available, "or")}, or unset it for the best of them.");
        return all[index];
    }

    private static ProcessorLevel Best()
    {
        if (!Avx2.IsSupported || !Fma.IsSupported) return ProcessorLevel.Portable;
        if (!Avx512F.IsSupported || !Avx512BW.IsSupported) return ProcessorLevel.Avx2;
        // .NET has no intrinsics for the levels above: the processor is asked itself, and the kernels are generated.
        if (!EmittedCode.IsSupported || RuntimeInformation.ProcessArchitecture != Architecture.X64) return ProcessorLevel.Avx512;
        var (leaves, _, _, features) = X86Base.CpuId(7, 0);
        if (leaves < 1 || (X86Base.CpuId(7, 1).Eax & (1 << 5)) == 0) return ProcessorLevel.Avx512;
        const int AmxBFloat16 = 1 << 22, AmxTile = 1 << 24;
        return (features & AmxBFloat16) != 0 && (features & AmxTile) != 0 && TilePermission.Request() ? ProcessorLevel.Amx : ProcessorLevel.Avx512BFloat16;
    }

    private static string List(IReadOnlyList<ProcessorLevel> levels, string last) =>
        levels.Count == 1 ? levels[0].Name() : $"{string.Join(", ", levels.SkipLast(1).Select(Name))} {last} {levels[^1].Name()}";
}
