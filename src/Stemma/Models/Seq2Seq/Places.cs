namespace Stemma.Models.Seq2Seq;

/// <summary>Numbers the places of the model that drop values, so that each draws from a stream of its own.</summary>
internal static class Places
{
    public const ulong SourceTokens = 0;
    public const ulong TargetTokens = 1;
    public const ulong Readout = 2;
    public const ulong EncoderLayer = 100;
    public const ulong DecoderLayer = 200;
}
