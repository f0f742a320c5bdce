using Xunit;

namespace Stemma.Tests;

/// <summary>Tests that watch the whole process run one after the other, when no others do.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
