namespace Stemma.Training;

/// <summary>
/// Keeps a folder for one process while work is under way in it: a file <c>.lock</c> that is open and can be opened by nobody else. It goes
/// with the process, however that ends.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>The file's name.</summary>
    public const string FileName = ".lock";

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes a folder, which is made where it is not there yet.</summary>
    /// <exception cref="ConfigurationException">It is taken already.</exception>
    public static FolderLock Take(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        while (true)
        {
            FileStream file;
            try
            {
                file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (File.Exists(path))
            {
                throw new ConfigurationException($"{folder} is in use: another process is at work in it. Wait until it has ended, or choose another folder.");
            }

            // The one before may have deleted the file between our opening and locking it: then nobody else would meet ours.
            if (File.Exists(path)) return new(file);
            file.Dispose();
        }
    }

    /// <summary>Whether a folder holds anything but the lock of who is at work in it.</summary>
    public static bool HoldsAnything(string folder) => Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any(entry => Path.GetFileName(entry) != FileName);

    /// <summary>Gives the folder back.</summary>
    public void Dispose() => _file.Dispose();
}
