using System.Text.Json;
using Stemma.Text;
using Stemma.Text.Chat;
using Stemma.Text.Tokenizers.Bpe;
using Xunit;

namespace Stemma.Tests.Text.Chat;

/// <summary>Against the original Jinja2 on the constructs of published templates; then what a rendering tells beyond its text.</summary>
public sealed class ChatTemplateTests
{
    private static readonly JsonElement s_cases = Read("chat/templates.json");
    private static readonly JsonElement s_goldens = Read("chat/goldens.json");
    private static readonly Dictionary<string, string> s_special = new() { ["bos_token"] = "<s>", ["eos_token"] = "</s>" };

    public static TheoryData<string> Templates => [.. s_cases.GetProperty("templates").EnumerateObject().Select(template => template.Name)];

    [Theory, MemberData(nameof(Templates))]
    public void Renders_as_the_original(string name)
    {
        var template = new ChatTemplate(Source(name), name, s_special);
        var compared = 0;
        foreach (var golden in s_goldens.GetProperty("templates").EnumerateArray().Where(golden => golden.GetProperty("template").GetString() == name))
        {
            var input = Input(golden.GetProperty("conversation").GetString()!) with { AddGenerationPrompt = golden.GetProperty("prompt").GetBoolean() };
            Compare(golden.GetProperty("text").GetString(), () => template.Render(input).Text, $"{name}, {golden.GetProperty("conversation")}");
            compared++;
        }

        Assert.Equal(22, compared);
    }

    [Fact]
    public void Expressions_and_tags_do_what_they_do_in_the_original()
    {
        var names = s_cases.GetProperty("names").EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
        var snippets = s_goldens.GetProperty("snippets").EnumerateArray().ToList();
        Assert.True(snippets.Count > 80);
        foreach (var snippet in snippets)
        {
            var source = snippet.GetProperty("source").GetString()!;
            Compare(snippet.GetProperty("text").GetString(), () => new ChatTemplate(source).Render(new() { Messages = [], Variables = names, Clock = new FixedClock() }).Text, source, alsoMessages: "messages is defined");
        }
    }

    [Theory]
    [InlineData("a\n{% include 'x' %}", "t:2:4:", "\"include\" is not supported")]
    [InlineData("{{ x | nonesuch }}", "t:1:8:", "filter \"nonesuch\"")]
    [InlineData("{{ x is nonesuch }}", "t:1:9:", "test \"nonesuch\"")]
    [InlineData("{% for x in y recursive %}{% endfor %}", "t:1:15:", "recursive")]
    [InlineData("{% if x %}", "t:1:4:", "endif")]
    [InlineData("{% endif %}", "t:1:4:", "ends nothing")]
    [InlineData("{{ 'abc }}", "t:1:4:", "no end")]
    [InlineData("x {# y", "t:1:3:", "no end")]
    [InlineData("{{ (1 }}", "t:1:7:", "closes nothing")]
    [InlineData("{{ f(*x) }}", "t:1:6:", "unpacked")]
    [InlineData("{% break %}", "t:1:4:", "outside a loop")]
    [InlineData("{% set true = 1 %}", "t:1:8:", "cannot be set")]
    [InlineData("{{ 0x10 }}", "t:1:4:", "decimal")]
    [InlineData("{{ 99999999999999999999 }}", "t:1:4:", "too large")]
    [InlineData("\n {{ raise_exception('no way') }}", "t:2:5:", "no way")]
    [InlineData("{{ nothing.x }}", "t:1:11:", "\"nothing\" is not defined")]
    [InlineData("{{ 'a'.format(1) }}", "t:1:7:", "has no \"format\"")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "t:1:", "deep")]
    [InlineData("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "t:1:", "steps")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for a in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}", "t:1:", "characters of text")]
    [InlineData("{{ 'x' * 999999999999 }}", "t:1:", "characters of text")]
    [InlineData("{{ range(10 ** 9) }}", "t:1:", "more than 100")]
    [InlineData("{{ strftime_now('%Q') }}", "t:1:", "%Q")]
    public void What_is_not_supported_or_does_not_end_is_an_error_with_line_and_column(string source, string place, string complaint)
    {
        var error = Assert.Throws<TextFormatException>(() => new ChatTemplate(source, "t").Render(new() { Messages = [] }));
        Assert.StartsWith(place, error.Message);
        Assert.Contains(complaint, error.Message);
    }

    [Theory]
    [InlineData("(", ")", "1")]
    [InlineData("[", "]", "1")]
    [InlineData("not ", "", "1")]
    [InlineData("-", "", "1")]
    [InlineData("", " + 1", "1")]
    [InlineData("", "|abs", "1")]
    public void Deep_nesting_is_refused(string before, string after, string inner)
    {
        var source = $"{{{{ {string.Concat(Enumerable.Repeat(before, 20_000))}{inner}{string.Concat(Enumerable.Repeat(after, 20_000))} }}}}";
        Assert.Throws<TextFormatException>(() => new ChatTemplate(source).Render(new() { Messages = [] }));
    }

    [Fact]
    public void Deep_tags_are_refused()
    {
        Assert.Throws<TextFormatException>(() => new ChatTemplate(string.Concat(Enumerable.Repeat("{% if 1 %}", 5000))));
        Assert.Throws<TextFormatException>(() => new ChatTemplate(new string('x', 2_000_000)));
    }

    [Fact]
    public void Random_templates_end_in_text_or_in_one_clear_error()
    {
        var random = new Random(7);
        var pieces = string.Join('\n', Templates.Select(row => Source(row.Data))).Split(' ');
        for (var i = 0; i < 3000; i++)
        {
            var source = string.Join(random.Next(3) == 0 ? "" : " ", Enumerable.Range(0, random.Next(1, 12)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                _ = new ChatTemplate(source).Render(Input("dialogue")).Text;
            }
            catch (TextFormatException error)
            {
                Assert.Matches("^chat template:[0-9]+:[0-9]+: ", error.Message);
            }
        }
    }

    [Fact]
    public void Each_message_knows_its_span()
    {
        var rendering = new ChatTemplate(Source("qwen2.5-tools")).Render(new() { Messages = [new("system", "Be brief."), new("user", "Hi?"), new("assistant", " Hi! "), new("user", "Hi?")] });
        Assert.Equal(["system", "user", "assistant", "user"], rendering.Spans.Select(span => span.Role));
        Assert.Equal("Be brief.", rendering.Text[rendering.Spans[0].Start..rendering.Spans[0].End]);
        Assert.Equal("<|im_start|>user\nHi?<|im_end|>\n", rendering.Text[rendering.Spans[1].Start..rendering.Spans[1].End]);
        Assert.Equal("<|im_start|>assistant\n Hi! <|im_end|>\n", rendering.Text[rendering.Spans[2].Start..rendering.Spans[2].End]);
        Assert.Equal("Hi!", rendering.Text[rendering.Spans[2].Content!.Value]);
        Assert.True(rendering.Spans[3].Start >= rendering.Spans[2].End);
        Assert.Equal("Hi!" + " <|im_end|>\n", rendering.Text[Assert.Single(rendering.Learned)]);
    }

    [Fact]
    public void A_folded_system_message_has_its_span_inside_the_users_turn()
    {
        var rendering = new ChatTemplate(Source("llama-2"), specialTokens: s_special).Render(Input("system"));
        Assert.Equal("You are terse.", rendering.Text[rendering.Spans[0].Start..rendering.Spans[0].End]);
        Assert.InRange(rendering.Spans[0].Start, rendering.Spans[1].Start, rendering.Spans[1].End);
        Assert.Equal("What is 2+2?", rendering.Text[rendering.Spans[1].Content!.Value]);
    }

    [Theory, MemberData(nameof(Templates))]
    public void Spans_lie_in_the_text_in_order(string name)
    {
        var template = new ChatTemplate(Source(name), name, s_special);
        foreach (var conversation in s_cases.GetProperty("conversations").EnumerateObject())
        {
            ChatRendering rendering;
            try
            {
                rendering = template.Render(Input(conversation.Name));
            }
            catch (TextFormatException)
            {
                continue;
            }

            Assert.All(rendering.Spans, span => Assert.True(0 <= span.Start && span.Start <= span.End && span.End <= rendering.Text.Length));
            Assert.Equal(rendering.Spans.Select(span => span.Message).Distinct(), rendering.Spans.Select(span => span.Message));
        }
    }

    [Fact]
    public void Generation_blocks_are_what_is_learned()
    {
        var rendering = new ChatTemplate(Source("chatml-generation")).Render(Input("dialogue"));
        Assert.Equal(2, rendering.Generations.Count);
        Assert.Equal(rendering.Generations, rendering.Learned);
        Assert.Equal("Hello! How can I help?<|im_end|>", rendering.Text[rendering.Learned[0]]);
    }

    [Fact]
    public void The_loss_mask_covers_the_tokens_of_the_answers()
    {
        var tokenizer = new BpeTrainer { VocabSize = 300, SpecialTokens = ["<|im_start|>", "<|im_end|>"] }.Train(["Hello! How can I help? Hello! How can I help?"]);
        var rendering = new ChatTemplate(Source("qwen3-thinking").Replace("<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + ", "' + ", StringComparison.Ordinal)).Render(new() { Messages = [new("user", "Help?"), new("assistant", "Hello! How?")] });
        var tokens = rendering.Encode(tokenizer);
        Assert.Equal(tokenizer.Encode(rendering.Text, allowSpecial: true), tokens.Ids);
        Assert.Equal("Hello! How?<|im_end|>\n", tokenizer.Decode([.. tokens.Ids.Where((_, i) => tokens.IsLearned[i])]));
        Assert.Equal("<|im_start|>user\nHelp?<|im_end|>\n", tokenizer.Decode([.. tokens.Ids.Take(tokens.Spans[0])]));
        Assert.Equal(tokens.Spans[0].End, tokens.Spans[1].Start);
        Assert.Equal(tokens.Ids.Count, tokens.Spans[1].End.Value);
    }

    [Fact]
    public void Tool_calls_made_in_code_are_those_read_from_json()
    {
        var call = new ChatToolCall("abc123def", "get_weather", JsonDocument.Parse("{\"city\":\"Zürich\"}").RootElement);
        var made = new ChatInput { Messages = [new("user", "Go"), ChatMessage.ToolCalls(null, call), ChatMessage.ToolResult(call, "21")] };
        var text = new ChatTemplate(Source("mistral-tools"), specialTokens: s_special).Render(made).Text;
        Assert.Equal("<s>[INST] Go[/INST][TOOL_CALLS] [{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\"}, \"id\": \"abc123def\"}]</s>[TOOL_RESULTS] {\"content\": 21, \"call_id\": \"abc123def\"}[/TOOL_RESULTS]", text);
    }

    [Fact]
    public void A_template_comes_out_of_a_tokenizer_config()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "tokenizer_config.json");
        File.WriteAllText(file, """{"bos_token": {"content": "<B>", "special": true}, "eos_token": null, "chat_template": [{"name": "default", "template": "{{ bos_token }}!"}, {"name": "rag", "template": "R"}]}""");
        Assert.Equal("<B>!", ChatTemplate.Load(folder.Path).Render(new() { Messages = [] }).Text);
        Assert.Equal("R", ChatTemplate.Load(file, "rag").Render(new() { Messages = [] }).Text);
        Assert.Contains("default, rag", Assert.Throws<TextFormatException>(() => ChatTemplate.Load(file, "x")).Message);
        File.WriteAllText(file, "{}");
        Assert.Contains("no chat template", Assert.Throws<TextFormatException>(() => ChatTemplate.Load(file)).Message);
        File.WriteAllText(Path.Combine(folder.Path, "chat_template.jinja"), "J");
        Assert.Equal("J", ChatTemplate.Load(folder.Path).Render(new() { Messages = [] }).Text);
        Assert.Throws<FileNotFoundException>(() => ChatTemplate.Load(Path.Combine(folder.Path, "none.jinja")));
    }

    private static void Compare(string? expected, Func<string> render, string what, string? alsoMessages = null)
    {
        if (expected is null)
        {
            Assert.True(Throws(render), $"{what}: the original refuses it.");
            return;
        }

        // A chat template always has its messages; a plain rendering of the original has none.
        if (alsoMessages is not null && what.Contains(alsoMessages, StringComparison.Ordinal)) expected = expected.Replace("False False False", "False False True", StringComparison.Ordinal);
        string actual;
        try
        {
            actual = render();
        }
        catch (TextFormatException error)
        {
            throw new Xunit.Sdk.XunitException($"{what}: {error.Message}");
        }

        Assert.True(expected == actual, $"{what}\nexpected: {JsonSerializer.Serialize(expected)}\nactual:   {JsonSerializer.Serialize(actual)}");
    }

    private static bool Throws(Func<string> render)
    {
        try
        {
            render();
            return false;
        }
        catch (TextFormatException)
        {
            return true;
        }
    }

    private static string Source(string name) => string.Join('\n', s_cases.At("templates", name).EnumerateArray().Select(line => line.GetString()));

    private static ChatInput Input(string name)
    {
        var conversation = s_cases.At("conversations", name);
        return new()
        {
            Messages = [.. conversation.GetProperty("messages").EnumerateArray().Select(ChatMessage.Read)],
            Tools = conversation.TryGetProperty("tools", out var tools) ? [.. tools.EnumerateArray()] : null,
            Variables = conversation.TryGetProperty("variables", out var variables) ? variables.EnumerateObject().ToDictionary(member => member.Name, member => member.Value) : new Dictionary<string, JsonElement>(),
            Clock = new FixedClock(),
        };
    }

    private static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllBytes(TextData.Fixture(name))).RootElement;

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2024, 7, 6, 5, 4, 3, TimeSpan.Zero);

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
    }
}

file static class RangeExtensions
{
    public static IEnumerable<int> Take(this IReadOnlyList<int> ids, Range range) => ids.Skip(range.Start.Value).Take(range.End.Value - range.Start.Value);
}
