using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>A value of a JSON file and the way to it, so that every complaint names the file and the field.</summary>
internal readonly record struct JsonField(string File, string Path, JsonElement Value)
{
    public bool IsNull => Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    public TextFormatException Error(string complaint, Exception? inner = null)
    {
        var message = $"{File}: {(Path.Length == 0 ? "the file" : Path)} {complaint}";
        return inner is null ? new(message) : new(message, inner);
    }

    /// <summary>A member; its value is undefined (null) when there is none.</summary>
    public JsonField this[string name]
    {
        get
        {
            if (Value.ValueKind != JsonValueKind.Object) throw Error("must be an object.");
            var value = Value;
            var member = Guard(() => value.TryGetProperty(name, out var found) ? found : default);
            return new(File, Path.Length == 0 ? name : $"{Path}.{name}", member);
        }
    }

    public string Type => this["type"].AsString();

    /// <summary>Refuses members that are not known, and members given twice: nothing in the file is skipped.</summary>
    public JsonField Only(params ReadOnlySpan<string> names)
    {
        if (Value.ValueKind != JsonValueKind.Object) throw Error("must be an object.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in Value.EnumerateObject())
        {
            var name = Guard(() => member.Name);
            if (!names.Contains(name)) throw Error($"has a field \"{name}\" that is not supported. Supported are {string.Join(", ", names!)}.");
            if (!seen.Add(name)) throw Error($"has the field \"{name}\" twice.");
        }

        return this;
    }

    public string AsString()
    {
        if (Value.ValueKind != JsonValueKind.String) throw Error("must be a string.");
        var value = Value;
        return Guard(() => value.GetString()!);
    }

    public int AsId() => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var id) && id >= 0
        ? id
        : throw Error("must be a whole number from 0 to 2147483647.");

    /// <summary>A whole number from <paramref name="least"/> to 2147483647.</summary>
    public int AsInt(int least) => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number) && number >= least
        ? number
        : throw Error($"must be a whole number from {least} to 2147483647.");

    /// <summary>A finite number.</summary>
    public double AsNumber() => Value.ValueKind == JsonValueKind.Number && Value.TryGetDouble(out var number) && double.IsFinite(number)
        ? number
        : throw Error("must be a number.");

    /// <summary>One character.</summary>
    public Rune AsRune()
    {
        var text = AsString();
        return Rune.DecodeFromUtf16(text, out var rune, out var length) == OperationStatus.Done && length == text.Length ? rune : throw Error("must be one character.");
    }

    /// <summary>One of some names.</summary>
    public T AsOneOf<T>(params ReadOnlySpan<(string Name, T Value)> choices)
    {
        var text = AsString();
        foreach (var (name, value) in choices)
            if (name == text) return value;
        throw Error($"is \"{text}\", which is not supported; supported are {Names(choices)}.");
    }

    private static string Names<T>(ReadOnlySpan<(string Name, T Value)> choices)
    {
        List<string> names = [];
        foreach (var (name, _) in choices) names.Add($"\"{name}\"");
        return string.Join(", ", names);
    }

    public bool AsBool(bool missing) => Value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => missing,
        _ => throw Error("must be true or false."),
    };

    public IEnumerable<JsonField> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array) throw Error("must be an array.");
        var (file, path) = (File, Path);
        return Value.EnumerateArray().Select((item, index) => new JsonField(file, $"{path}[{index}]", item));
    }

    public IEnumerable<(string Name, JsonField Field)> Members()
    {
        if (Value.ValueKind != JsonValueKind.Object) throw Error("must be an object.");
        var self = this;
        return Value.EnumerateObject().Select(member =>
        {
            var name = self.Guard(() => member.Name);
            return (name, new JsonField(self.File, $"{self.Path}[\"{name}\"]", member.Value));
        });
    }

    public void MustBeNull()
    {
        if (!IsNull) throw Error($"is {Describe()}, which is not supported; it must be null.");
    }

    public void MustBeFalse()
    {
        if (AsBool(missing: false)) throw Error("is true, which is not supported; it must be false.");
    }

    public string Describe() => Value.ValueKind switch
    {
        JsonValueKind.Object when this["type"] is { Value.ValueKind: JsonValueKind.String } type => type.Describe(),
        JsonValueKind.Object or JsonValueKind.Array => "set",
        JsonValueKind.Undefined => "missing",
        JsonValueKind.Null => "null",
        JsonValueKind.String => $"\"{AsString()}\"",
        _ => Value.GetRawText() is { Length: <= 40 } text ? text : "set",
    };

    // A string in JSON may escape half of a surrogate pair; the reader reports that as an invalid operation.
    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException exception)
        {
            throw Error("holds text that is not Unicode (a lone surrogate).", exception);
        }
    }
}
