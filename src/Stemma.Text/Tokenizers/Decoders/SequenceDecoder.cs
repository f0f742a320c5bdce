namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>Decoders one after another (<c>Sequence</c>).</summary>
/// <param name="parts">They, in order.</param>
public sealed class SequenceDecoder(IReadOnlyList<TokenDecoder> parts) : TokenDecoder
{
    /// <summary>The decoders, in order.</summary>
    public IReadOnlyList<TokenDecoder> Parts { get; } = parts;

    internal override bool Fuses => Parts.Any(part => part.Fuses);

    internal override DecoderStage Start() => new Stage(Parts, fused: false);

    internal override DecoderStage StartFused() => new Stage(Parts, fused: true);

    private sealed class Stage : DecoderStage
    {
        private readonly DecoderStage[] stages;
        private readonly List<string>[] between;

        public Stage(IReadOnlyList<TokenDecoder> parts, bool fused)
        {
            stages = new DecoderStage[parts.Count];
            between = new List<string>[parts.Count];
            for (var i = 0; i < stages.Length; i++)
            {
                stages[i] = fused ? parts[i].StartFused() : parts[i].Start();
                between[i] = [];
                fused |= parts[i].Fuses;
            }
        }

        public override void Append(string piece, List<string> output) => Append(piece, 0, output);

        public override void Flush(List<string> output)
        {
            for (var i = 0; i < stages.Length; i++)
            {
                stages[i].Flush(between[i]);
                PassOn(i, output);
            }
        }

        private void Append(string piece, int stage, List<string> output)
        {
            if (stage == stages.Length)
            {
                output.Add(piece);
                return;
            }

            stages[stage].Append(piece, between[stage]);
            PassOn(stage, output);
        }

        private void PassOn(int stage, List<string> output)
        {
            foreach (var piece in between[stage]) Append(piece, stage + 1, output);
            between[stage].Clear();
        }
    }
}
