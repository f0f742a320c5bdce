using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Layers.Positions;

public sealed class RotaryTests
{
    public static TheoryData<string> Scalings => ["none", "linear", "ntk", "yarn", "llama3"];

    [Theory, MemberData(nameof(Scalings))]
    public void Products_depend_on_the_distance_alone(string scaling)
    {
        foreach (var pairing in new[] { RotaryPairing.Halves, RotaryPairing.Neighbours })
        {
            var rotary = new Rotary(6, 100, pairing, Scaling(scaling), 64);
            var random = new RandomStream(5);
            // One query and one key, at every position of a sequence.
            var (query, key) = (Vector(1), Vector(2));
            var (q, k) = rotary.Forward(Repeated(query), Repeated(key), new(SequenceLayout.Packed(40)));
            var (queries, keys) = (q.ToArray<float>(), k.ToArray<float>());
            for (var distance = -8; distance <= 8; distance++)
            {
                var expected = Product(10, 10 - distance);
                foreach (var at in (int[])[8, 20, 31]) Assert.Equal(expected, Product(at, at - distance), 2e-5);
            }
            Assert.NotEqual(Product(10, 10), Product(10, 9), 1e-3);

            double Product(int i, int j) => Enumerable.Range(0, 8).Sum(d => (double)queries[i * 8 + d] * keys[j * 8 + d]);

            float[] Vector(ulong stream) => [.. Enumerable.Range(0, 8).Select(i => (float)random.Fork(stream).Normal((ulong)i))];
        }

        static Tensor Repeated(float[] vector) => Tensor.From([.. Enumerable.Repeat(vector, 40).SelectMany(x => x)], [40, 1, 8], Device.Cpu);
    }

    [Fact]
    public void Scalings_do_what_their_papers_say()
    {
        var plain = new NoRotaryScaling().Frequencies(10000, 64, 2048, 1).Frequencies;
        Assert.Equal(plain.Select(f => f / 4), new LinearRotaryScaling { Factor = 4 }.Frequencies(10000, 64, 2048, 1).Frequencies);
        var ntk = new NtkRotaryScaling { Factor = 4 }.Frequencies(10000, 64, 2048, 1).Frequencies;
        Assert.Equal((plain[0], plain[^1] / 4), (ntk[0], ntk[^1]), new Near());
        var dynamic = new DynamicRotaryScaling { Factor = 4 };
        Assert.Equal(plain, dynamic.Frequencies(10000, 64, 2048, 2048).Frequencies);
        Assert.True(dynamic.Frequencies(10000, 64, 2048, 4096).Frequencies[^1] < plain[^1]);
        var (yarn, factor) = new YarnRotaryScaling { Factor = 4 }.Frequencies(10000, 64, 2048, 1);
        Assert.Equal((plain[0], plain[^1] / 4), (yarn[0], yarn[^1]), new Near());
        Assert.Equal(0.1 * Math.Log(4) + 1, factor, 1e-12);
        var llama = new Llama3RotaryScaling { Factor = 8, OriginalContextLength = 2048 }.Frequencies(10000, 64, 16384, 1).Frequencies;
        Assert.Equal((plain[0], plain[^1] / 8), (llama[0], llama[^1]), new Near());
        var factors = string.Join(',', Enumerable.Repeat("2", 32));
        var longer = new LongRotaryScaling { ShortFactors = string.Join(',', Enumerable.Repeat("1", 32)), LongFactors = factors, OriginalContextLength = 2048 };
        Assert.Equal(plain, longer.Frequencies(10000, 64, 4096, 2048).Frequencies);
        Assert.Equal(plain.Select(f => f / 2), longer.Frequencies(10000, 64, 4096, 2049).Frequencies);
    }

    private static RotaryScaling Scaling(string kind) => kind switch
    {
        "linear" => new LinearRotaryScaling { Factor = 3 },
        "ntk" => new NtkRotaryScaling { Factor = 3 },
        "yarn" => new YarnRotaryScaling { Factor = 3, FastTurns = 4 },
        "llama3" => new Llama3RotaryScaling { OriginalContextLength = 32 },
        _ => new NoRotaryScaling(),
    };

    private sealed class Near : IEqualityComparer<(double, double)>
    {
        public bool Equals((double, double) x, (double, double) y) => Math.Abs(x.Item1 - y.Item1) < 1e-9 && Math.Abs(x.Item2 - y.Item2) < 1e-9;

        public int GetHashCode((double, double) obj) => 0;
    }
}
