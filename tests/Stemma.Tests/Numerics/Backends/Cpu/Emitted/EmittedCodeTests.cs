using System.Globalization;
using Stemma.Numerics.Backends.Cpu.Emitted;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Emitted;

public sealed unsafe class EmittedCodeTests
{
    [Fact]
    public void Code_is_never_writable_and_executable_at_once()
    {
        if (!OperatingSystem.IsLinux()) return;    // the list of pages is Linux's
        var during = "";
        var code = EmittedCode.Install(
            address =>
            {
                during = Permissions(address);
                return [0xC3];
            }, 100);
        Assert.Equal("rw-p", during);
        Assert.Equal("r-xp", Permissions((ulong)code));
        Assert.Equal(0xC3, *code);
    }

    [Fact]
    public void Code_that_does_not_fit_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => EmittedCode.Install(_ => new byte[101], 100));

    private static string Permissions(ulong address)
    {
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            var fields = line.Split(' ', 3);
            var range = Array.ConvertAll(fields[0].Split('-'), text => ulong.Parse(text, NumberStyles.HexNumber));
            if (address >= range[0] && address < range[1]) return fields[1];
        }
        return "none";
    }
}
