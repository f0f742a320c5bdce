using Stemma.Bench;

switch (args.FirstOrDefault())
{
    case "matmul":
        return MatMulBench.Run(args[1..]);
    case "kernels":
        return KernelBench.Run(args[1..]);
    default:
        Console.Error.WriteLine("Usage: matmul [--threads N] [--only SHAPE] [--openblas PATH] | kernels [--threads N]");
        return 2;
}
