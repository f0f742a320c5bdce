using System.CommandLine;
using System.Globalization;
using System.Text;
using Stemma.Cli.Output;
using Stemma.Text.Corpora;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma tokenize encode</c>: the pieces of a text, their ids and where they stand.</summary>
internal static class TokenizeEncodeCommand
{
    public static Command Create(CommandContext context)
    {
        var tokenizer = new Argument<string>("tokenizer") { Description = "A tokenizer.json, vocab.json, .tiktoken, vocab.txt or .model, or a folder that holds one." };
        var text = new Argument<string?>("text") { Description = "The text; standard input when absent.", Arity = ArgumentArity.ZeroOrOne };
        var ids = new Option<bool>("--ids") { Description = "Write the ids alone, in one line." };
        var special = new Option<bool>("--special") { Description = "Read spellings of special tokens in the text as those tokens." };
        var (lossy, json) = (Options.Lossy(), Options.Json());
        var command = new Command("encode", "Show the tokens of a text: piece, id, characters and bytes.") { tokenizer, text, ids, special, lossy, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(ids) && result.GetValue(json)) result.AddError("--ids and --json exclude each other.");
            if (result.GetValue(lossy) && result.GetValue(text) is not null) result.AddError("--lossy concerns standard input; here the text is an argument.");
        });
        command.SetAction(parsed => Run(
            context, parsed.GetValue(tokenizer)!, parsed.GetValue(text), parsed.GetValue(ids), parsed.GetValue(special), parsed.GetValue(lossy), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, string path, string? text, bool ids, bool special, bool lossy, bool json)
    {
        var tokenizer = TokenizerSource.Load(path);
        text ??= new StandardInputCorpus(context.OpenInput, lossy).Documents().Single().Text;
        if (ids)
        {
            context.Output.WriteLine(string.Join(' ', tokenizer.Encode(text, special)));
            return ExitCode.Success;
        }

        var spans = tokenizer.EncodeWithOffsets(text, special);
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteNumber("count", spans.Count);
                writer.WriteNumber("bytes", bytes);
                writer.WriteStartArray("tokens");
                foreach (var span in spans)
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("id", span.Id);
                    writer.WriteString("piece", span.Piece);
                    writer.WriteNumber("start", span.CharStart);
                    writer.WriteNumber("end", span.CharEnd);
                    writer.WriteNumber("byte_start", span.ByteStart);
                    writer.WriteNumber("byte_end", span.ByteEnd);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            });
            return ExitCode.Success;
        }

        var screen = context.Screen(json);
        screen.Table(
            ["id", "characters", "bytes", "piece"],
            [.. spans.Select(span => (string[])[span.Id.ToString(CultureInfo.InvariantCulture), $"{span.CharStart}–{span.CharEnd}", $"{span.ByteStart}–{span.ByteEnd}", Visible(span.Piece)])], 0, 1, 2);
        if (spans.Count > 0) screen.Line($"[dim]{Quantity.Of(spans.Count, "token")}, {Quantity.Of(bytes, "byte")}, {(double)bytes / spans.Count:0.00} bytes/token[/]");
        return ExitCode.Success;
    }

    private static string Visible(string piece) => piece.Any(char.IsControl) || piece.Trim().Length < piece.Length
        ? string.Concat(piece.Select(letter => char.IsControl(letter) ? letter switch { '\n' => "\\n", '\t' => "\\t", '\r' => "\\r", _ => $"\\u{(int)letter:x4}" } : letter == ' ' ? "␣" : letter.ToString()))
        : piece;
}
