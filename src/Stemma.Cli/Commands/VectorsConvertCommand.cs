using System.CommandLine;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Models.WordEmbeddings.Formats;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma vectors convert</c>: the same vectors in another format.</summary>
internal static class VectorsConvertCommand
{
    public static Command Create(CommandContext context)
    {
        var vectors = VectorArgument.Create();
        var file = new Argument<string>("file") { Description = "The file to write: .txt or .vec in word2vec's text format, anything else in its binary format." };
        var words = Options.Number("--words", "Only the first so many words, which are the most frequent; 0 for all.", 0, 0, int.MaxValue);
        var json = Options.Json();
        var command = new Command("convert", "Write vectors of words in another format, checked on the way.") { vectors, file, words, json };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(context, parsed.GetValue(vectors)!, parsed.GetValue(file)!, parsed.GetValue(words), parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string path, string file, int words, bool json, CancellationToken cancellation)
    {
        if (Directory.Exists(file)) throw new MisuseException($"{file} is a folder; name the file to write.");
        var screen = context.Screen(json);
        var vectors = VectorArgument.Read(path, screen, cancellation);
        if (words > 0) vectors = vectors.Take(words);
        WordVectorFile.Write(file, vectors);
        var bytes = new FileInfo(file).Length;
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("file", file);
                writer.WriteNumber("vocab_size", vectors.Count);
                writer.WriteNumber("vector_size", vectors.Size);
                writer.WriteNumber("bytes", bytes);
            });
            return ExitCode.Success;
        }
        screen.Line($"{Quantity.Of(vectors.Count, "word")} of {Quantity.Of(vectors.Size, "number")}, {Quantity.Bytes(bytes)} in {Markup.Escape(file)}");
        return ExitCode.Success;
    }
}
