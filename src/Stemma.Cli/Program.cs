using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Stemma.Cli;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
using var stop = new CancellationTokenSource();

// The first signal asks to save and end; another one a second later ends at once. What stops a program (a terminal, `timeout`, a
// container) may well send the first one twice.
var stoppedAt = 0L;
void Stop(PosixSignalContext signal)
{
    var first = Interlocked.CompareExchange(ref stoppedAt, Stopwatch.GetTimestamp(), 0);
    signal.Cancel = first == 0 || Stopwatch.GetElapsedTime(first).TotalSeconds < 1;
    stop.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
return await CommandLine.RunAsync(args, CommandContext.OfProcess(output), stop.Token);
