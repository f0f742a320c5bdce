using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Models.NGram;

/// <summary>
/// A back-off n-gram model, looked up in a memory-mapped file: p(w|h) is that of the longest n-gram that ends in w and is known, times
/// the weights of the longer contexts. After the token that ends a sequence the next one begins. Any number of states may be used at
/// once; one state belongs to one thread.
/// </summary>
public sealed unsafe class NGramModel : ILanguageModel, IDisposable
{
    // Far enough ahead for memory to answer, near enough for the answer to be still there.
    private const int PrefetchDistance = 6;

    // Tokens whose places are kept: the next power of two.
    private const int Ahead = 8;
    private const double Ln10 = 2.302585092994045684;

    private readonly MappedFile _file;
    private readonly NGramHeader _header;
    private readonly Unigram* _unigrams;
    private readonly byte*[] _tables;
    private readonly long[] _slots;
    private readonly int _order;
    private readonly Lazy<NGramVocabulary> _vocabulary;
    private readonly NGramSlots _places;
    private readonly Lazy<ScoreSums> _sums;

    private NGramModel(string path, MappedFile file, NGramHeader header)
    {
        (_file, _header, _order, _slots) = (file, header, header.Order, header.Slots);
        _unigrams = (Unigram*)(file.Start + header.Unigrams);
        _tables = new byte*[header.Order];
        for (var order = 2; order <= header.Order; order++) _tables[order - 1] = file.Start + header.Table(order);
        _places = new(path, file, header);
        _sums = new(() => new ScoreSums(_places));
        _vocabulary = new(() => NGramFileReader.Vocabulary(path, file, header));
    }

    /// <summary>The tokens.</summary>
    public NGramVocabulary Vocabulary => _vocabulary.Value;

    /// <inheritdoc/>
    public int VocabSize => _header.VocabSize;

    /// <summary>No limit: what is too far back is forgotten.</summary>
    public int? ContextLength => null;

    /// <summary>The most words of an n-gram.</summary>
    public int Order => _order;

    /// <summary>How many n-grams there are of each order, from 1.</summary>
    public IReadOnlyList<long> Counts => _header.Counts;

    /// <summary>The size of the file.</summary>
    public long Bytes => _file.Bytes;

    /// <summary>Whether the numbers of the file are probabilities; scores of stupid backoff are not and are normalised when asked for one.</summary>
    public bool IsNormalized => _header.IsNormalized;

    /// <summary>Opens a model.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">The file is not such a model, or is damaged.</exception>
    public static NGramModel Open(string path)
    {
        var (file, header) = NGramFile.Open(path);
        return new(path, file, header);
    }

    /// <summary>A state at the start of a sequence.</summary>
    public ISequenceState Start()
    {
        var state = new NGramState(_order - 1);
        Reset(state);
        return state;
    }

    /// <inheritdoc/>
    public void Advance(ReadOnlySpan<SequenceStep> batch, Span<float> logits)
    {
        foreach (var step in batch)
        {
            var state = StateOf(step.State);
            var tokens = step.Tokens.Span;
            if (tokens.IsEmpty) throw new ArgumentException("A step needs at least one token.", nameof(batch));
            for (var i = 0; i < tokens.Length; i++)
            {
                Log10Score(state, tokens[i]);
                if (step.Logits == Wanted.None || (step.Logits == Wanted.Last && i < tokens.Length - 1)) continue;
                Distribution(state, logits[..VocabSize]);
                logits = logits[VocabSize..];
            }
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Score(ISequenceState state, ReadOnlySpan<int> tokens, Span<double> logProbabilities)
    {
        var at = StateOf(state);
        if (logProbabilities.Length < tokens.Length) throw new ArgumentException($"{logProbabilities.Length} places cannot take {tokens.Length} numbers.", nameof(logProbabilities));
        if (IsNormalized)
        {
            ScoreAll(at, tokens, logProbabilities);
            return;
        }
        for (var i = 0; i < tokens.Length; i++)
        {
            var sum = _sums.Value.Log10(at.Count, at.Count == 0 ? 0 : _places.Find(at.Words.AsSpan(0, at.Count)));
            logProbabilities[i] = (Log10Score(at, tokens[i]) - sum) * Ln10;
        }
    }

    /// <summary>Log10 of the probability, or score, of a token; the state moves on to it.</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal double Log10Score(NGramState state, int token)
    {
        if ((uint)token >= (uint)VocabSize) throw OutsideVocabulary(token);
        Span<float> backoffs = stackalloc float[NGramHeader.MostOrders];
        var (words, weights, known) = (state.Words, state.Backoffs, state.Count);
        var (score, matched) = Find(words.AsSpan(0, known), token, backoffs);
        for (var i = matched - 1; i < known; i++) score += weights[i];
        state.Length++;
        if (token == _header.End)
        {
            Reset(state);
            return score;
        }
        var count = Math.Min(matched, _order - 1);
        state.Count = count;
        if (count == 0) return score;
        // A few words: a loop is faster than a call.
        for (var i = count - 1; i > 0; i--) words[i] = words[i - 1];
        words[0] = token;
        for (var i = 0; i < count; i++) weights[i] = backoffs[i];
        return score;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static NGramState StateOf(ISequenceState state) => state as NGramState ?? throw new ArgumentException("This state belongs to another kind of model.", nameof(state));

    private void Reset(NGramState state)
    {
        state.Count = 0;
        if (_header.Begin < 0 || _order == 1) return;
        (state.Count, state.Words[0], state.Backoffs[0]) = (1, _header.Begin, _unigrams[_header.Begin].LogBackoff);
    }

    // Every token's log-probability, or score, in nats; the token that begins a sequence is never next.
    private void Distribution(NGramState state, Span<float> logits)
    {
        Span<float> backoffs = stackalloc float[_order];
        var words = state.Words.AsSpan(0, state.Count);
        // What is known after a context of n words pays the weights of the longer ones.
        Span<double> weights = stackalloc double[state.Count + 1];
        weights.Clear();
        for (var i = state.Count - 1; i >= 0; i--) weights[i] = weights[i + 1] + state.Backoffs[i];
        for (var token = 0; token < VocabSize; token++)
        {
            var (score, matched) = Find(words, token, backoffs);
            logits[token] = (float)((score + weights[matched - 1]) * Ln10);
        }
        if (_header.Begin >= 0) logits[_header.Begin] = float.NegativeInfinity;
    }

    // The longest known n-gram that ends in the token: its number, its order, and the weights of all the orders up to it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (double Score, int Matched) Find(ReadOnlySpan<int> context, int token, Span<float> backoffs)
    {
        ref readonly var unigram = ref _unigrams[token];
        double score = unigram.LogProbability;
        backoffs[0] = unigram.LogBackoff;
        var (hash, rest) = (NGramLocation.Start(token), (uint)token);
        for (var i = 0; i < context.Length; i++)
        {
            var word = context[i];
            hash = NGramLocation.Extend(hash, word);
            var stride = i + 2 < _order ? NGramHeader.MiddleBytes : NGramHeader.HighestBytes;
            var entry = Entry(_tables[i + 1], _slots[i + 1], stride, NGramLocation.Slot(hash, _slots[i + 1]), word, rest, out var slot);
            if (entry == null) return (score, i + 1);
            score = entry->LogProbability;
            if (i + 2 == _order) return (score, _order);
            backoffs[i + 1] = entry->LogBackoff;
            rest = (uint)slot;
        }
        return (score, context.Length + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static MiddleEntry* Entry(byte* table, long slots, int stride, long first, int word, uint rest, out long slot)
    {
        slot = first;
        for (var looked = 0L; looked < slots; looked++)
        {
            var entry = (MiddleEntry*)(table + (slot * stride));
            if (entry->Word == (uint)word && entry->Rest == rest) return entry;
            if (entry->Word == uint.MaxValue) return null;
            if (++slot == slots) slot = 0;
        }
        return null;
    }

    // Where n-grams lie follows from their words alone: the places of all orders of a token are computed, and memory is asked for them, some
    // tokens before they are looked at. The text itself is the context, the state is brought up to it at the end.
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScoreAll(NGramState state, ReadOnlySpan<int> tokens, Span<double> logProbabilities)
    {
        var (contexts, done) = (_order - 1, 0);
        // The first tokens have words of the state before them; alone, tokens have no context at all.
        for (; done < (contexts == 0 ? tokens.Length : Math.Min(contexts, tokens.Length)); done++) logProbabilities[done] = Log10Score(state, tokens[done]) * Ln10;
        if (done == tokens.Length) return;
        var places = stackalloc long[Ahead * contexts];
        for (var i = done; i < Math.Min(done + PrefetchDistance, tokens.Length); i++) Locate(tokens, i, places + ((i & (Ahead - 1)) * contexts));
        var weights = stackalloc float[2 * contexts];
        var next = weights + contexts;
        var known = state.Count;
        for (var i = 0; i < known; i++) weights[i] = state.Backoffs[i];
        for (var i = done; i < tokens.Length; i++)
        {
            if (i + PrefetchDistance < tokens.Length) Locate(tokens, i + PrefetchDistance, places + (((i + PrefetchDistance) & (Ahead - 1)) * contexts));
            var token = tokens[i];
            if ((uint)token >= (uint)VocabSize) throw OutsideVocabulary(token);
            var place = places + ((i & (Ahead - 1)) * contexts);
            double score = _unigrams[token].LogProbability;
            next[0] = _unigrams[token].LogBackoff;
            var (matched, rest) = (1, (uint)token);
            while (matched <= known)
            {
                var word = tokens[i - matched];
                if (word == _header.End) word = _header.Begin;
                var stride = matched < contexts ? NGramHeader.MiddleBytes : NGramHeader.HighestBytes;
                var entry = Entry(_tables[matched], _slots[matched], stride, place[matched - 1], word, rest, out var slot);
                if (entry == null) break;
                score = entry->LogProbability;
                if (matched == contexts)
                {
                    matched++;
                    break;
                }
                next[matched++] = entry->LogBackoff;
                rest = (uint)slot;
            }
            for (var j = matched - 1; j < known; j++) score += weights[j];
            logProbabilities[i] = score * Ln10;
            if (token == _header.End)
            {
                known = _header.Begin < 0 ? 0 : 1;
                if (known > 0) weights[0] = _unigrams[_header.Begin].LogBackoff;
                continue;
            }
            known = Math.Min(matched, contexts);
            var swap = weights;
            weights = next;
            next = swap;
        }
        state.Length += tokens.Length - done;
        state.Count = known;
        for (var i = 0; i < known; i++) (state.Words[i], state.Backoffs[i]) = (tokens[^(i + 1)] is var word && word == _header.End ? _header.Begin : word, weights[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Locate(ReadOnlySpan<int> tokens, int position, long* places)
    {
        var hash = NGramLocation.Start(tokens[position]);
        for (var order = 2; order <= _order; order++)
        {
            var (word, ends) = (tokens[position - order + 1], false);
            if (word == _header.End) (word, ends) = (_header.Begin, true);
            hash = NGramLocation.Extend(hash, word);
            var slot = NGramLocation.Slot(hash, _slots[order - 1]);
            places[order - 2] = slot;
            if (Sse.IsSupported) Sse.Prefetch0(_tables[order - 1] + (slot * (order < _order ? NGramHeader.MiddleBytes : NGramHeader.HighestBytes)));
            // Nothing stands before the start of a sequence.
            if (ends) return;
        }
    }

    private ArgumentOutOfRangeException OutsideVocabulary(int token) => new(nameof(token), token, $"Token {token} is outside the vocabulary of {VocabSize} tokens.");
}
