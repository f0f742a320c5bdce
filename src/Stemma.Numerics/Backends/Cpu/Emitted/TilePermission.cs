using System.Runtime.InteropServices;

namespace Stemma.Numerics.Backends.Cpu.Emitted;

/// <summary>The system's leave to use tile registers: their 8 KiB of state are saved for a process only once it has asked.</summary>
internal static unsafe partial class TilePermission
{
    private const int TileData = 18;    // the number of this state component in XCR0

    /// <summary>Asks for it; false where the system does not know tiles, or refuses.</summary>
    public static bool Request()
    {
        const long ArchPrctl = 158, RequestComponentPermission = 0x1023;
        if (OperatingSystem.IsLinux()) return SystemCall(ArchPrctl, RequestComponentPermission, TileData) == 0;
        return OperatingSystem.IsWindowsVersionAtLeast(10, 0, 22000) && (GetEnabledXStateFeatures() & (1UL << TileData)) != 0 && EnableProcessOptionalXStateFeatures(1UL << TileData) != 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial long SystemCall(long number, long first, long second);

    [LibraryImport("kernel32")]
    private static partial ulong GetEnabledXStateFeatures();

    [LibraryImport("kernel32")]
    private static partial int EnableProcessOptionalXStateFeatures(ulong features);
}
