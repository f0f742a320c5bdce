using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Models.WordEmbeddings;
using Stemma.Models.WordEmbeddings.Formats;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma vectors compress</c>: vectors in fewer numbers.</summary>
internal static class VectorsCompressCommand
{
    public static Command Create(CommandContext context)
    {
        var vectors = VectorArgument.Create();
        var file = new Argument<string>("file") { Description = "The file to write: .txt or .vec in word2vec's text format, anything else in its binary format." };
        var rank = new Option<int>("--rank") { Description = "Numbers that are left of each vector.", HelpName = "number", Required = true };
        var json = Options.Json();
        var command = new Command("compress", "Bring vectors to fewer numbers by a truncated singular value decomposition, the nearest there is of that rank.") { vectors, file, rank, json };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(context, parsed.GetValue(vectors)!, parsed.GetValue(file)!, parsed.GetValue(rank), parsed.GetValue(json), cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(CommandContext context, string path, string file, int rank, bool json, CancellationToken cancellation)
    {
        if (Directory.Exists(file)) throw new MisuseException($"{file} is a folder; name the file to write.");
        var screen = context.Screen(json);
        var vectors = VectorArgument.Read(path, screen, cancellation);
        screen.Transient("[dim]Decomposing…[/]");
        var compressed = VectorCompression.Of(vectors, rank);
        screen.ClearTransient();
        WordVectorFile.Write(file, compressed.Vectors);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("file", file);
                writer.WriteNumber("rank", rank);
                writer.Number("relative_error", compressed.Error);
                writer.WriteNumber("bytes", new FileInfo(file).Length);
            });
            return ExitCode.Success;
        }
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"{vectors.Size} numbers to {rank}: {100 * compressed.Error:0.0} % of the length is lost (Frobenius), {Quantity.Bytes(new FileInfo(file).Length)} in {Markup.Escape(file)}"));
        return ExitCode.Success;
    }
}
