using System.CommandLine;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma vectors</c>: words as points in space.</summary>
internal static class VectorsCommand
{
    public static Command Create(CommandContext context) => new("vectors", "Learn vectors of words from a text (word2vec and its kin), look at them and measure them. Files are those of word2vec, text or binary.")
    {
        VectorsTrainCommand.Create(context), VectorsNeighboursCommand.Create(context), VectorsAnalogyCommand.Create(context), VectorsEvalCommand.Create(context), VectorsMapCommand.Create(context),
        VectorsCompressCommand.Create(context), VectorsConvertCommand.Create(context), VectorsCollocationsCommand.Create(context),
    };
}
