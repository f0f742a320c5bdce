using Stemma.Bench;
using Stemma.Bench.Claims;
using Stemma.Bench.Curation;
using Stemma.Bench.NGrams;

switch (args.FirstOrDefault())
{
    case "matmul":
        return MatMulBench.Run(args[1..]);
    case "kernels":
        return KernelBench.Run(args[1..]);
    case "train":
        return TrainBench.Run(args[1..]);
    case "profile":
        return ProfileBench.Run(args[1..]);
    case "lstm":
        return TrainBench.Run(["--preset", "lstm", .. args[1..]]);
    case "steady":
        return SteadyBench.Run(args[1..]);
    case "endurance":
        return EnduranceBench.Run(args[1..]);
    case "curves":
        return CurvesBench.Run(args[1..]);
    case "word2vec":
        return Word2VecBench.Run(args[1..]);
    case "claims":
        return ClaimsBench.Run(args[1..]);
    case "tokenizers":
        return TokenizerBench.Run(args[1..]);
    case "micro":
        return MicroBench.Run(args[1..]);
    case "curation":
        return CurationBench.Run(args[1..]);
    case "data-memory":
        return BuildMemoryBench.Run(args[1..]);
    case "ngram":
        return NGramBench.Run(args[1..]);
    default:
        Console.Error.WriteLine("Usage: matmul [--threads N] [--only SHAPE,…] [--rounds N] [--openblas PATH] [--onednn PATH] | kernels [--threads N] | train [--preset docs|cpu|baby|gpt2|gpt2-256|lstm] [--precision float32|bfloat16] [--threads N] [--rounds N] [--steps N] [--peer COMMAND] | profile [--preset …] [--precision …] [--steps N] [--threads N] | steady [--preset narrow|…] [--precision …] [--checkpointing on|off] [--steps N] [--threads N] | endurance [--steps N] [--precision …] [--threads N] | curves --runs FOLDER [--out FILE.svg] | lstm: train --preset lstm | word2vec [--data SOURCE,…] [--peer PATH] [--threads 1,2] [--rounds N] [--passes N] [--cbow on] [--hierarchical-softmax on] [--negative N] [--size N] [--window N] [--sample X] [--min-count N] [--out FOLDER] | claims [--only scaling|amortised|hierarchy|parallel|checkpointing] [--out FOLDER] [--threads N] | tokenizers --tokenizer PATH --data FILE,… [--peer COMMAND] [--rounds N] [--threads N] [--random DOCUMENTS] [--megabytes N] [--special on] | micro [--filter PATTERN] | curation [--megabytes N] [--threads N] [--rules NAME,…] | data-memory [--megabytes N] [--threads N] [--seed N] [--steps quick|all] [--out FOLDER] [--figure FILE.svg] | ngram --kenlm FOLDER [--data TEXT --test TEXT | --data dotnet-docs] [--order N] [--threads N] [--rounds N] [--memory-mb N] [--query-tokens N]");
        return 2;
}
