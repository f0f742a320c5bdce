using System.CommandLine;
using System.Globalization;
using Stemma.Cli.Output;
using Stemma.Text.Tokenizers;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma tokenize decode</c>: ids back to text.</summary>
internal static class TokenizeDecodeCommand
{
    public static Command Create(CommandContext context)
    {
        var tokenizer = new Argument<string>("tokenizer") { Description = "A tokenizer.json, vocab.json, .tiktoken, vocab.txt or .model, or a folder that holds one." };
        var ids = new Argument<string[]>("ids") { Description = "Token ids; from standard input, divided by spaces or commas, when absent.", Arity = ArgumentArity.ZeroOrMore };
        var json = Options.Json();
        var command = new Command("decode", "Turn token ids back into text.") { tokenizer, ids, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(tokenizer)!, parsed.GetValue(ids) ?? [], parsed.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, string path, string[] words, bool json)
    {
        var tokenizer = TokenizerSource.Load(path);
        if (words.Length == 0)
        {
            using var reader = new StreamReader(context.OpenInput());
            words = [reader.ReadToEnd()];
        }

        int[] ids = [.. words.SelectMany(word => word.Split([' ', ',', '\n', '\r', '\t', '[', ']'], StringSplitOptions.RemoveEmptyEntries)).Select(word => Id(word, tokenizer))];
        var text = tokenizer.Decode(ids);
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("text", text);
                writer.WriteNumber("count", ids.Length);
            });
        }
        else
        {
            context.Output.Write(text);
            if (context.OutputIsTerminal && !text.EndsWith('\n')) context.Output.WriteLine();
        }

        return ExitCode.Success;
    }

    private static int Id(string word, Tokenizer tokenizer) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < tokenizer.VocabSize
            ? id
            : throw new MisuseException($"\"{word}\" is not a token id of this tokenizer; ids are whole numbers from 0 to {tokenizer.VocabSize - 1}.");
}
