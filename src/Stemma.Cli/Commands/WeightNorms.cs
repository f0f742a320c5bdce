using System.Text.Json;
using Stemma.Cli.Output;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Numerics.LinearAlgebra;
using Stemma.Numerics.Ops;

namespace Stemma.Cli.Commands;

/// <summary>How large a model's weights are, by the usual norms.</summary>
internal static class WeightNorms
{
    /// <summary>As a field of a JSON object; vectors have no spectral and nuclear norm.</summary>
    public static void Write(Utf8JsonWriter json, NeuralLanguageModel model)
    {
        json.WriteStartArray("norms");
        foreach (var weight in model.Parameters)
        {
            var (l1, frobenius, sigma) = Of(weight);
            json.WriteStartObject();
            json.WriteString("name", weight.Name);
            json.Number("l1", l1);
            json.Number("frobenius", frobenius);
            if (sigma.Length > 0)
            {
                json.Number("spectral", sigma[0]);
                json.Number("nuclear", sigma.Sum());
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>As a table for a person.</summary>
    public static void Write(Screen screen, NeuralLanguageModel model)
    {
        List<string[]> rows = [];
        foreach (var weight in model.Parameters)
        {
            screen.Transient($"[dim]{weight.Name}…[/]");
            var (l1, frobenius, sigma) = Of(weight);
            rows.Add([weight.Name, weight.Shape.ToString(), $"{l1:N1}", $"{frobenius:N3}", sigma.Length > 0 ? $"{sigma[0]:N3}" : "", sigma.Length > 0 ? $"{sigma.Sum():N2}" : ""]);
        }

        screen.Table(["weight", "shape", "L1", "Frobenius", "spectral", "nuclear"], rows, 2, 3, 4, 5);
    }

    private static (double L1, double Frobenius, double[] Sigma) Of(Parameter weight)
    {
        using var scope = Numerics.Memory.Scope();
        return (weight.Value.Detach().NormL1().ToScalar(), weight.Value.FrobeniusNorm(), weight.Shape.Rank == 2 ? weight.Value.SingularValues() : []);
    }
}
