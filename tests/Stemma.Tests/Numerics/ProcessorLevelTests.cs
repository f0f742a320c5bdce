using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Numerics;

public sealed class ProcessorLevelTests
{
    private static readonly ProcessorLevel[] s_untilAvx2 = [ProcessorLevel.Portable, ProcessorLevel.Avx2];

    [Fact]
    public void Every_processor_has_the_portable_level_and_uses_what_it_has()
    {
        Assert.Equal(ProcessorLevel.Portable, ProcessorLevels.Available[0]);
        Assert.Equal(ProcessorLevels.Available.Order(), ProcessorLevels.Available);
        Assert.Contains(ProcessorLevels.Current, ProcessorLevels.Available);
        var wanted = Environment.GetEnvironmentVariable(ProcessorLevels.Variable);
        Assert.Equal(string.IsNullOrEmpty(wanted) ? ProcessorLevels.Available[^1].Name() : wanted, ProcessorLevels.Current.Name());
    }

    [Theory]
    [InlineData(null, ProcessorLevel.Avx2)]
    [InlineData("", ProcessorLevel.Avx2)]
    [InlineData("portable", ProcessorLevel.Portable)]
    [InlineData("AVX2", ProcessorLevel.Avx2)]
    public void The_best_is_used_unless_another_is_forced(string? wanted, ProcessorLevel level) => Assert.Equal(level, ProcessorLevels.Choose(wanted, s_untilAvx2));

    [Theory]
    [InlineData("sse", "STEMMA_CPU is \"sse\", which is no processor level; use portable, avx2, avx512, avx512bf16 or amx, or unset it for the best that is available here, avx2.")]
    [InlineData("amx", "STEMMA_CPU asks for amx, which this processor, system or .NET runtime does not support; use portable or avx2, or unset it for the best of them.")]
    public void What_cannot_be_is_refused_with_a_way_out(string wanted, string message) =>
        Assert.Equal(message, Assert.Throws<ProcessorLevelException>(() => ProcessorLevels.Choose(wanted, s_untilAvx2)).Message);
}
