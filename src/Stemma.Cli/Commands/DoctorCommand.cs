using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Numerics;
using Stemma.Reporting;
using Stemma.Text;
using Stemma.Text.Corpora.Dotnet;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma doctor</c>: what this machine has, what it was measured to do, and where the default corpus is.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommandContext context)
    {
        var (threads, json) = (Options.Threads(), Options.Json());
        var figure = new Option<string>("--roofline") { HelpName = "file.svg", Description = "Time the hot operations too, and draw how near each comes to what arithmetic and memory allow." };
        var command = new Command("doctor", "Show what this machine can do, measured, and where the default corpus is.") { threads, figure, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(threads), parsed.GetValue(figure), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, int threads, string? figure, bool json)
    {
        if (figure is not null && Path.GetExtension(figure) != ".svg") throw new MisuseException($"--roofline is {figure}; its name must end in .svg.");
        var screen = context.Screen(json);
        screen.Transient("[dim]Measuring…[/]");
        var roofline = figure is null ? new Roofline(MachineProfile.Measure(threads), []) : Roofline.Measure(threads);
        var machine = roofline.Machine;
        if (figure is not null) RooflineFigure.Of(roofline).SaveSvg(figure);
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
                writer.WriteNumber("bfloat16_peak_flops_per_second", Math.Round(machine.BFloat16PeakFlops));
                writer.WriteNumber("matmul_flops_per_second", Math.Round(machine.MatMulFlops));
                writer.WriteNumber("bfloat16_matmul_flops_per_second", Math.Round(machine.BFloat16MatMulFlops));
                writer.WriteNumber("read_bytes_per_second", Math.Round(machine.ReadBandwidth));
                writer.WriteNumber("update_bytes_per_second", Math.Round(machine.UpdateBandwidth));
                writer.WriteNumber("memory_bytes", memory);
                writer.WriteStartArray("dotnet_docs");
                foreach (var pack in packs) writer.WriteStringValue($"{pack.Name} {pack.Version}");
                writer.WriteEndArray();
                if (figure is null) return;
                writer.WriteString("roofline_file", figure);
                writer.WriteStartArray("roofline");
                foreach (var operation in roofline.Operations) Write(writer, operation);
                writer.WriteEndArray();
            });
            return ExitCode.Success;
        }

        screen.Line($"[bold]Stemma[/]     {Version} on {Markup.Escape(RuntimeInformation.FrameworkDescription)}, {RuntimeInformation.RuntimeIdentifier}");
        screen.Line($"[bold]Processor[/]  {Markup.Escape(string.Join(", ", machine.InstructionSets))}; {Quantity.Of(machine.ThreadCount, "thread")} of {Environment.ProcessorCount}");
        screen.Line($"[bold]Level[/]      {ProcessorLevels.Current.Name()} of {string.Join(", ", ProcessorLevels.Available.Select(level => level.Name()))} ({ProcessorLevels.Variable} forces one)");
        screen.Line($"[bold]Peak[/]       {Quantity.Rate(machine.PeakFlops, "FLOP")} float32, {Quantity.Rate(machine.BFloat16PeakFlops, "FLOP")} bfloat16, from registers");
        screen.Line($"[bold]Matrices[/]   {Product(machine.MatMulFlops, machine.PeakFlops)} float32, {Product(machine.BFloat16MatMulFlops, machine.BFloat16PeakFlops)} bfloat16, in a 1,024³ product; kernel {Markup.Escape(machine.MatMulKernel)}");
        screen.Line($"[bold]Memory[/]     {Quantity.Rate(machine.ReadBandwidth, "B")} read, {Quantity.Rate(machine.UpdateBandwidth, "B")} read and written; {Quantity.Bytes(memory)} usable");
        screen.Line($"[bold]Corpus[/]     {Markup.Escape(missing ?? $"dotnet-docs: {string.Join(", ", packs.Select(pack => $"{pack.Name} {pack.Version}"))}")}");
        if (packs.Count > 0) screen.Line($"           in {Markup.Escape(Path.GetDirectoryName(packs[0].Files[0])!)}");
        if (figure is not null) Show(screen, roofline, figure);
        return ExitCode.Success;
    }

    private static void Show(Screen screen, Roofline roofline, string figure)
    {
        screen.Line();
        screen.Line($"[dim]{"operation",-22}{"shape",-22}{"factors",-10}{"FLOP/byte",10}{"GFLOP/s",10}{"GB/s",8}{"of roof",9}[/]");
        foreach (var operation in roofline.Operations.OrderBy(operation => operation.Intensity))
        {
            var share = operation.FlopsPerSecond / roofline.Attainable(operation.Intensity, operation.Precision);
            screen.Line($"{operation.Operation,-22}{Markup.Escape(operation.Shape.PadRight(22))}{Name(operation.Precision),-10}{operation.Intensity,10:0.0}{operation.FlopsPerSecond * 1e-9,10:0.0}{operation.BytesPerSecond * 1e-9,8:0.0}{Quantity.Percent(share),9}");
        }
        screen.Line($"Wrote {Markup.Escape(figure)}.");
    }

    private static void Write(Utf8JsonWriter writer, MeasuredOperation operation)
    {
        writer.WriteStartObject();
        writer.WriteString("operation", operation.Operation);
        writer.WriteString("shape", operation.Shape);
        writer.WriteString("precision", Name(operation.Precision));
        writer.WriteNumber("flops", operation.Flops);
        writer.WriteNumber("bytes", operation.Bytes);
        writer.WriteNumber("flops_per_byte", Math.Round(operation.Intensity, 4));
        writer.WriteNumber("flops_per_second", Math.Round(operation.FlopsPerSecond));
        writer.WriteEndObject();
    }

    private static string Name(ComputePrecision precision) => precision == ComputePrecision.BFloat16 ? "bfloat16" : "float32";

    private static string Product(double flops, double peak) => $"{Quantity.Rate(flops, "FLOP")} ({Quantity.Percent(flops / peak)} of peak)";

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
