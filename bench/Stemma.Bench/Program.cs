using Stemma.Bench;

switch (args.FirstOrDefault())
{
    case "matmul":
        return MatMulBench.Run(args[1..]);
    default:
        Console.Error.WriteLine("Usage: matmul [--threads N] [--only SHAPE] [--openblas PATH]");
        return 2;
}
