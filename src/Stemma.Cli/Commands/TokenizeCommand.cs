using System.CommandLine;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma tokenize</c>: train, encode, decode, compare, chat.</summary>
internal static class TokenizeCommand
{
    public static Command Create(CommandContext context) => new("tokenize", "Train a tokenizer, or see what one makes of a text.")
    {
        TokenizeTrainCommand.Create(context), TokenizeEncodeCommand.Create(context), TokenizeDecodeCommand.Create(context),
        TokenizeCompareCommand.Create(context), TokenizeChatCommand.Create(context),
    };
}
