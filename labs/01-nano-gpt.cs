#:project ../src/Stemma.Numerics/Stemma.Numerics.csproj
#:property PublishAot=false

// Lab 01: a GPT in one file.
//
//     dotnet run -c Release labs/01-nano-gpt.cs [text file] [steps]
//
// The whole of a language model, with nothing but tensor operations: characters in, the distribution of the next character out
// (Radford et al. 2019, in the manner of Karpathy's nanoGPT). The library's GPT-2 is the same model, faster: a test trains both
// from the same weights on the same batches and compares their losses.
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

#if !LINKED // The tests compile the classes below without this program.
const int Batch = 8, Context = 32;
var text = args.Length > 0 ? File.ReadAllText(args[0]) : Sonnets.Text;
var steps = args.Length > 1 ? int.Parse(args[1]) : 300;
var characters = text.Distinct().Order().ToArray();                       // the vocabulary: each character is a token
var tokens = text.Select(c => Array.BinarySearch(characters, c)).ToArray();
if (tokens.Length <= Context)
{
    Console.Error.WriteLine($"The text has {tokens.Length} characters; give at least {Context + 1}.");
    return 1;
}
var random = new RandomStream(1337);
var model = new NanoGpt(characters.Length, Context, layers: 2, heads: 4, hidden: 64, random.Fork("weights"));
var optimizer = new NanoAdamW(model.Weights);
var losses = new List<double>();
var before = Neighbours();
Console.WriteLine($"{tokens.Length} characters, {characters.Length} different; {model.Weights.Sum(w => w.Value.Count)} weights; ln {characters.Length} = {Math.Log(characters.Length):F2} nats is pure guessing");
for (var step = 0; step < steps; step++)
{
    var (inputs, targets) = Windows(random.Fork("batches"), step);
    using var tape = Tape.Start();
    var loss = model.Loss(inputs, targets, Batch);
    losses.Add(loss.ToScalar());
    var rate = 3e-3 * Math.Min(1, (step + 1) / 20.0) * (1 - 0.9 * step / steps);   // up for 20 steps, then down
    optimizer.Step(tape.Backward(loss).ClipNorm(1), rate);
    if (step % 25 == 0 || step == steps - 1) Console.WriteLine($"step {step,4}  loss {losses[^1]:F3}");
}
Console.WriteLine($"\n{string.Concat(model.Sample([tokens[0]], 300, random.Fork("sample"), temperature: 0.7).Select(t => characters[t]))}\n");
Plot(losses);
Console.WriteLine("\nThe nearest characters, by the cosine of their embeddings, before and after training:");
foreach (var (character, (first, last)) in before.Zip(Neighbours(), (b, a) => (b.Key, (b.Value, a.Value)))) Console.WriteLine($"  {character}   {first}   →   {last}");
return 0;

(int[] Inputs, int[] Targets) Windows(RandomStream stream, int step)
{
    var starts = Enumerable.Range(0, Batch).Select(row => (int)stream.Below(tokens.Length - Context, (ulong)(step * Batch + row))).ToArray();
    return ([.. starts.SelectMany(s => tokens[s..(s + Context)])], [.. starts.SelectMany(s => tokens[(s + 1)..(s + Context + 1)])]);
}

// Meaning as geometry: characters that are used alike move together.
Dictionary<char, string> Neighbours()
{
    var table = model.Weights.First(w => w.Key == "wte.weight").Value;
    var (count, size) = table.Shape;
    var rows = table.ToArray<float>().Chunk(size).ToArray();
    double Cosine(int a, int b) => rows[a].Zip(rows[b], (x, y) => (double)x * y).Sum() / Math.Sqrt(rows[a].Sum(x => (double)x * x) * rows[b].Sum(x => (double)x * x));
    return "aet,".Where(c => characters.Contains(c)).ToDictionary(c => c, c => string.Join(' ', Enumerable.Range(0, count)
        .Where(i => characters[i] != c && !char.IsWhiteSpace(characters[i])).OrderByDescending(i => Cosine(Array.BinarySearch(characters, c), i)).Take(5).Select(i => characters[i])));
}

static void Plot(List<double> losses)
{
    const int Width = 72, Height = 14;
    var columns = Enumerable.Range(0, Math.Min(Width, losses.Count)).Select(i => losses.Skip(i * losses.Count / Math.Min(Width, losses.Count)).Take(Math.Max(1, losses.Count / Width)).Average()).ToArray();
    for (var row = Height; row > 0; row--)
        Console.WriteLine($"{(row % 4 == 0 ? $"{columns.Max() * row / Height:F1}" : ""),5} │{string.Concat(columns.Select(c => c / columns.Max() * Height >= row - 0.5 ? '█' : ' '))}");
    Console.WriteLine($"      └{new string('─', columns.Length)} {losses.Count} steps: loss, nats per character");
}
#endif

/// <summary>A GPT-2. Weights carry the original's names; matrices are [output, input].</summary>
internal sealed class NanoGpt
{
    private readonly Dictionary<string, Tensor> _weights = [];
    private readonly int _vocab, _context, _layers, _heads, _hidden;

    public NanoGpt(int vocab, int context, int layers, int heads, int hidden, RandomStream random)
    {
        (_vocab, _context, _layers, _heads, _hidden) = (vocab, context, layers, heads, hidden);
        Add("wte.weight", [vocab, hidden], 0.02);
        Add("wpe.weight", [context, hidden], 0.02);
        for (var i = 0; i < layers; i++)
        {
            AddNorm($"h.{i}.ln_1");
            AddLinear($"h.{i}.attn.c_attn", hidden, 3 * hidden, 0.02);
            AddLinear($"h.{i}.attn.c_proj", hidden, hidden, 0.02 / Math.Sqrt(2 * layers));
            AddNorm($"h.{i}.ln_2");
            AddLinear($"h.{i}.mlp.c_fc", hidden, 4 * hidden, 0.02);
            AddLinear($"h.{i}.mlp.c_proj", 4 * hidden, hidden, 0.02 / Math.Sqrt(2 * layers));
        }
        AddNorm("ln_f");

        void AddLinear(string name, int input, int output, double deviation)
        {
            Add($"{name}.weight", [output, input], deviation);
            Add($"{name}.bias", [output], 0);
        }

        void AddNorm(string name)
        {
            Add($"{name}.weight", [hidden], 0, mean: 1);
            Add($"{name}.bias", [hidden], 0);
        }

        void Add(string name, Shape shape, double deviation, double mean = 0)
        {
            var (stream, values) = (random.Fork(name), new float[shape.Count]);
            for (var i = 0; i < values.Length; i++) values[i] = (float)(mean + deviation * stream.Normal((ulong)i));
            _weights.Add(name, Tensor.From(values, shape).WithGradient());
        }
    }

    public IEnumerable<KeyValuePair<string, Tensor>> Weights => _weights;

    /// <summary>Mean cross-entropy in nats of what follows each token; rows of equal length, one after the other.</summary>
    public Tensor Loss(int[] inputs, int[] targets, int batch) => Logits(inputs, batch).CrossEntropy(Tensor.From(targets, [targets.Length]));

    /// <summary>[batch · time, vocab].</summary>
    public Tensor Logits(int[] inputs, int batch)
    {
        var time = inputs.Length / batch;
        var positions = Enumerable.Range(0, inputs.Length).Select(i => i % time).ToArray();
        var x = _weights["wte.weight"].Gather(Tensor.From(inputs, [inputs.Length])) + _weights["wpe.weight"].Gather(Tensor.From(positions, [positions.Length]));
        for (var i = 0; i < _layers; i++)
        {
            x += Linear($"h.{i}.attn.c_proj", Attention(Linear($"h.{i}.attn.c_attn", Norm($"h.{i}.ln_1", x)), batch, time));
            x += Linear($"h.{i}.mlp.c_proj", Linear($"h.{i}.mlp.c_fc", Norm($"h.{i}.ln_2", x)).GeluTanh());
        }
        return Norm("ln_f", x).Linear(_weights["wte.weight"]);            // the output projection is the embedding
    }

    /// <summary>Continues tokens by drawing from the softmax of logits / temperature.</summary>
    public List<int> Sample(List<int> tokens, int count, RandomStream random, double temperature)
    {
        for (var step = 0; step < count; step++)
        {
            using var scope = Memory.Scope();
            var seen = tokens.TakeLast(_context).ToArray();
            var probabilities = (Logits(seen, 1).Slice(0, seen.Length - 1, 1) / temperature).Softmax().ToArray<float>();
            var draw = random.Uniform((ulong)step);
            var token = 0;
            while (token < _vocab - 1 && (draw -= probabilities[token]) > 0) token++;
            tokens.Add(token);
        }
        return tokens;
    }

    /// <summary>softmax(Q·Kᵀ/√size)·V in every head, where no token sees a later one.</summary>
    private Tensor Attention(Tensor qkv, int batch, int time)
    {
        var size = _hidden / _heads;
        var parts = qkv.Reshape(batch, time, 3, _heads, size);
        var (q, k, v) = (Heads(0), Heads(1), Heads(2));                    // each [batch, heads, time, size]
        var scores = q.MatMul(k.Transposed) * (1 / Math.Sqrt(size)) + Mask(time);
        return scores.Softmax().MatMul(v).Transpose(1, 2).Reshape(batch * time, _hidden);

        Tensor Heads(int part) => parts.Select(2, part).Transpose(1, 2);
    }

    private static Tensor Mask(int time)
    {
        var mask = new float[time * time];
        for (var query = 0; query < time; query++)
            for (var key = query + 1; key < time; key++) mask[query * time + key] = -1e30f;
        return Tensor.From(mask, [time, time]);
    }

    private Tensor Linear(string name, Tensor x) => x.Linear(_weights[$"{name}.weight"], _weights[$"{name}.bias"]);

    private Tensor Norm(string name, Tensor x) => x.LayerNorm(_weights[$"{name}.weight"], _weights[$"{name}.bias"], 1e-5);
}

/// <summary>AdamW (Loshchilov &amp; Hutter 2017, arXiv:1711.05101): a step as large as the gradient is steady, and matrices shrink a little.</summary>
internal sealed class NanoAdamW(IEnumerable<KeyValuePair<string, Tensor>> weights, double beta1 = 0.9, double beta2 = 0.99, double epsilon = 1e-8, double decay = 0.1)
{
    private readonly (Tensor Weight, float[] Mean, float[] Variance)[] _state = [.. weights.Select(w => (w.Value, new float[w.Value.Count], new float[w.Value.Count]))];
    private int _steps;

    public void Step(Gradients gradients, double rate)
    {
        _steps++;
        var (meanScale, varianceScale) = (1 - Math.Pow(beta1, _steps), 1 - Math.Pow(beta2, _steps));
        foreach (var (weight, mean, variance) in _state)
        {
            var gradient = gradients[weight].ToArray<float>();
            var values = weight.Span<float>();
            var kept = weight.Rank > 1 ? 1 - rate * decay : 1;
            for (var i = 0; i < values.Length; i++)
            {
                mean[i] = (float)(beta1 * mean[i] + (1 - beta1) * gradient[i]);
                variance[i] = (float)(beta2 * variance[i] + (1 - beta2) * gradient[i] * gradient[i]);
                values[i] = (float)(kept * values[i] - rate * (mean[i] / meanScale) / (Math.Sqrt(variance[i] / varianceScale) + epsilon));
            }
        }
    }
}

/// <summary>Something to read: three of Shakespeare's sonnets (18, 73, 116).</summary>
internal static class Sonnets
{
    public const string Text = """
        Shall I compare thee to a summer's day?
        Thou art more lovely and more temperate:
        Rough winds do shake the darling buds of May,
        And summer's lease hath all too short a date:
        Sometime too hot the eye of heaven shines,
        And often is his gold complexion dimm'd;
        And every fair from fair sometime declines,
        By chance, or nature's changing course, untrimm'd;
        But thy eternal summer shall not fade,
        Nor lose possession of that fair thou ow'st;
        Nor shall Death brag thou wander'st in his shade,
        When in eternal lines to time thou grow'st:
        So long as men can breathe, or eyes can see,
        So long lives this, and this gives life to thee.

        That time of year thou mayst in me behold
        When yellow leaves, or none, or few, do hang
        Upon those boughs which shake against the cold,
        Bare ruin'd choirs, where late the sweet birds sang.
        In me thou see'st the twilight of such day
        As after sunset fadeth in the west,
        Which by and by black night doth take away,
        Death's second self, that seals up all in rest.
        In me thou see'st the glowing of such fire,
        That on the ashes of his youth doth lie,
        As the death-bed whereon it must expire,
        Consumed with that which it was nourish'd by.
        This thou perceiv'st, which makes thy love more strong,
        To love that well which thou must leave ere long.

        Let me not to the marriage of true minds
        Admit impediments. Love is not love
        Which alters when it alteration finds,
        Or bends with the remover to remove:
        O no! it is an ever-fixed mark
        That looks on tempests and is never shaken;
        It is the star to every wandering bark,
        Whose worth's unknown, although his height be taken.
        Love's not Time's fool, though rosy lips and cheeks
        Within his bending sickle's compass come:
        Love alters not with his brief hours and weeks,
        But bears it out even to the edge of doom.
        If this be error and upon me proved,
        I never writ, nor no man ever loved.

        """;
}
