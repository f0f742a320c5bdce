using System.Runtime.InteropServices;

namespace Stemma.Numerics.Backends.Cpu.Emitted;

/// <summary>Machine code made at run time. Its pages are written first and made executable afterwards: never both at once.</summary>
/// <remarks>The code lives as long as the process.</remarks>
internal static unsafe partial class EmittedCode
{
    /// <summary>Whether this system lets a process make code, by the calls below.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() || OperatingSystem.IsWindows();

    /// <summary>Reserves writable pages, has them filled, and makes them executable and read-only.</summary>
    /// <param name="assemble">Gives the code for the address it will run at; called once.</param>
    /// <param name="capacity">Most bytes of code.</param>
    /// <returns>The address of the first byte.</returns>
    public static byte* Install(Func<ulong, byte[]> assemble, int capacity)
    {
        var memory = OperatingSystem.IsWindows() ? Windows.Reserve(capacity) : Unix.Reserve(capacity);
        var code = assemble((ulong)memory);
        if (code.Length > capacity) throw new InvalidOperationException($"{code.Length} bytes of generated code do not fit into {capacity}.");
        code.CopyTo(new Span<byte>(memory, capacity));
        if (OperatingSystem.IsWindows()) Windows.Seal(memory, capacity);
        else Unix.Seal(memory, capacity);
        return memory;
    }

    private static InvalidOperationException Refused(string what) =>
        new($"The system did not let this process {what} (error {Marshal.GetLastPInvokeError()}). Set {ProcessorLevels.Variable}=avx512 to do without generated code.");

    private static partial class Unix
    {
        private const int Read = 1, Write = 2, Execute = 4, Private = 2, Anonymous = 0x20;

        public static byte* Reserve(int bytes)
        {
            var memory = mmap(null, (nuint)bytes, Read | Write, Private | Anonymous, -1, 0);
            return memory != (void*)-1 ? (byte*)memory : throw Refused("reserve memory for generated code");
        }

        public static void Seal(byte* memory, int bytes)
        {
            if (mprotect(memory, (nuint)bytes, Read | Execute) != 0) throw Refused("make generated code executable");
        }

        [LibraryImport("libc", SetLastError = true)]
        private static partial void* mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

        [LibraryImport("libc", SetLastError = true)]
        private static partial int mprotect(void* address, nuint length, int protection);
    }

    private static partial class Windows
    {
        private const uint Commit = 0x1000, ReserveToo = 0x2000, ReadWrite = 0x04, ExecuteRead = 0x20;

        public static byte* Reserve(int bytes)
        {
            var memory = VirtualAlloc(null, (nuint)bytes, Commit | ReserveToo, ReadWrite);
            return memory != null ? (byte*)memory : throw Refused("reserve memory for generated code");
        }

        public static void Seal(byte* memory, int bytes)
        {
            uint before;
            if (VirtualProtect(memory, (nuint)bytes, ExecuteRead, &before) == 0) throw Refused("make generated code executable");
        }

        [LibraryImport("kernel32", SetLastError = true)]
        private static partial void* VirtualAlloc(void* address, nuint size, uint type, uint protection);

        [LibraryImport("kernel32", SetLastError = true)]
        private static partial int VirtualProtect(void* address, nuint size, uint protection, uint* before);
    }
}
