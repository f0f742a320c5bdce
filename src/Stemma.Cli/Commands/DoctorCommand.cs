using System.CommandLine;
using System.Runtime.InteropServices;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Numerics;
using Stemma.Text;
using Stemma.Text.Corpora.Dotnet;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma doctor</c>: what this machine has, what it was measured to do, and where the default corpus is.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandContext context)
    {
        var (threads, json) = (Options.Threads(), Options.Json());
        var command = new Command("doctor", "Show what this machine can do, measured, and where the default corpus is.") { threads, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(threads), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, int threads, bool json)
    {
        var screen = context.Screen(json);
        screen.Transient("[dim]Measuring…[/]");
        var machine = MachineProfile.Measure(threads);
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var (packs, missing) = FindCorpus();
        screen.ClearTransient();
        if (json)
        {
            Json.WriteObject(context.Output, writer =>
            {
                writer.WriteString("version", Version);
                writer.WriteString("runtime", RuntimeInformation.FrameworkDescription);
                writer.WriteString("system", RuntimeInformation.RuntimeIdentifier);
                writer.WriteNumber("processors", Environment.ProcessorCount);
                writer.WriteNumber("threads", machine.ThreadCount);
                writer.WriteStartArray("instruction_sets");
                foreach (var set in machine.InstructionSets) writer.WriteStringValue(set);
                writer.WriteEndArray();
                writer.WriteString("processor_level", ProcessorLevels.Current.Name());
                writer.WriteStartArray("processor_levels");
                foreach (var level in ProcessorLevels.Available) writer.WriteStringValue(level.Name());
                writer.WriteEndArray();
                writer.WriteString("matmul_kernel", machine.MatMulKernel);
                writer.WriteNumber("peak_flops_per_second", Math.Round(machine.PeakFlops));
                writer.WriteNumber("matmul_flops_per_second", Math.Round(machine.MatMulFlops));
                writer.WriteNumber("read_bytes_per_second", Math.Round(machine.ReadBandwidth));
                writer.WriteNumber("memory_bytes", memory);
                writer.WriteStartArray("dotnet_docs");
                foreach (var pack in packs) writer.WriteStringValue($"{pack.Name} {pack.Version}");
                writer.WriteEndArray();
            });
            return ExitCode.Success;
        }

        screen.Line($"[bold]Stemma[/]     {Version} on {Markup.Escape(RuntimeInformation.FrameworkDescription)}, {RuntimeInformation.RuntimeIdentifier}");
        screen.Line($"[bold]Processor[/]  {Markup.Escape(string.Join(", ", machine.InstructionSets))}; {Quantity.Of(machine.ThreadCount, "thread")} of {Environment.ProcessorCount}");
        screen.Line($"[bold]Level[/]      {ProcessorLevels.Current.Name()} of {string.Join(", ", ProcessorLevels.Available.Select(level => level.Name()))} ({ProcessorLevels.Variable} forces one)");
        screen.Line($"[bold]Peak[/]       {Quantity.Rate(machine.PeakFlops, "FLOP")} float32 from registers");
        screen.Line($"[bold]Matrices[/]   {Quantity.Rate(machine.MatMulFlops, "FLOP")} in a 1,024³ product, {Quantity.Percent(machine.MatMulFlops / machine.PeakFlops)} of peak; kernel {Markup.Escape(machine.MatMulKernel)}");
        screen.Line($"[bold]Memory[/]     {Quantity.Rate(machine.ReadBandwidth, "B")} read; {Quantity.Bytes(memory)} usable");
        screen.Line($"[bold]Corpus[/]     {Markup.Escape(missing ?? $"dotnet-docs: {string.Join(", ", packs.Select(pack => $"{pack.Name} {pack.Version}"))}")}");
        if (packs.Count > 0) screen.Line($"           in {Markup.Escape(Path.GetDirectoryName(packs[0].Files[0])!)}");
        return ExitCode.Success;
    }

    private static string Version => typeof(DoctorCommand).Assembly.GetName().Version!.ToString(3);

    private static (IReadOnlyList<ReferencePack> Packs, string? Missing) FindCorpus()
    {
        try
        {
            return (new DotnetDocsCorpus().Packs, null);
        }
        catch (TextFormatException exception)
        {
            return ([], exception.Message);
        }
    }
}
