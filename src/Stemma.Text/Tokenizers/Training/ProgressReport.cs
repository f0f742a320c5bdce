namespace Stemma.Text.Tokenizers.Training;

/// <summary>Tells an <see cref="IProgress{T}"/> in the words of <see cref="TokenizerProgress"/>.</summary>
internal sealed class ProgressReport(IProgress<TokenizerProgress>? progress)
{
    private long characters;

    public void Counted(long count)
    {
        characters = count;
        progress?.Report(new("Counting words", null, count));
    }

    public void Stage(string stage, double fraction) => progress?.Report(new(stage, fraction, characters));
}
