using Spectre.Console;
using Stemma.Configuration;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma train --help settings</c>: every setting with its type, default and meaning.</summary>
internal static class SettingsHelp
{
    public static int Write(CommandContext context)
    {
        var screen = context.Screen(json: false);
        var paths = Settings.All.Select(setting => setting.Path).Distinct().Count();
        screen.Line($"[bold]{paths} settings[/] of a run. Set one with --set path=value, several by repeating it, or give them as JSON with --config.");
        screen.Line($"Defaults are those of a run without a preset; presets ({string.Join(", ", Presets.Names)}) change some of them.");
        var part = "";
        foreach (var setting in Settings.All)
        {
            var name = setting.Path.Split('.') is [var first, _, ..] ? first : "";
            if (name != part) screen.Line();
            part = name;
            var conditions = string.Join("; ", setting.Conditions.Select(condition => $"{condition.Path} {string.Join(", ", condition.Kinds)}"));
            var kinds = conditions.Length == 0 ? "" : $" [dim]({Markup.Escape(conditions)})[/]";
            var usual = setting.Default is null ? "must be given" : setting.Default.Length == 0 ? "default: empty" : $"default: {setting.Default}";
            screen.Line($"  [bold]{setting.Path}[/]  {Markup.Escape(setting.Type)}, {Markup.Escape(usual)}{kinds}");
            screen.Line($"      {Markup.Escape(setting.Meaning)}");
        }

        return ExitCode.Success;
    }
}
