using System.Text.RegularExpressions;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Text;
using Stemma.Training;

namespace Stemma.Cli;

/// <summary>Exit codes.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Asked for something sensible that could not be done, or not to its end.</summary>
    public const int Failed = 1;

    /// <summary>Asked for something that cannot be: an unknown option or setting, a file that is not there.</summary>
    public const int Misused = 2;
}

/// <summary>A command that was misused: one sentence with the way out.</summary>
internal sealed class MisuseException(string message) : Exception(message);

/// <summary>Turns what went wrong into one sentence and an exit code.</summary>
internal static partial class Failure
{
    /// <summary>The exit code and the sentence for an error.</summary>
    public static (int Code, string Message) Describe(Exception error) => error switch
    {
        MisuseException or ConfigurationException or ProcessorLevelException or FileNotFoundException or DirectoryNotFoundException => (ExitCode.Misused, error.Message),
        TextFormatException or CheckpointException or CheckpointFormatException or TrainingFailedException => (ExitCode.Failed, error.Message),
        OperationCanceledException => (ExitCode.Failed, "Stopped."),
        OutOfMemoryException => (ExitCode.Failed, "There is not enough memory. Choose a smaller model, batch_size or model.context_length."),
        IOException or UnauthorizedAccessException => (ExitCode.Failed, Sentence(error.Message)),
        AggregateException { InnerExceptions.Count: 1 } aggregate => Describe(aggregate.InnerExceptions[0]),
        _ => (ExitCode.Failed, $"An unexpected error, which is a fault of Stemma: {error.GetType().Name}: {FirstLine(error.Message)}"),
    };

    private static string Sentence(string message) => FullPathPrefix().Replace(FirstLine(message), "") is var text && text.EndsWith('.') ? text : text + ".";

    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd('\r');

    [GeneratedRegex("^The process cannot continue because ")]
    private static partial Regex FullPathPrefix();
}
