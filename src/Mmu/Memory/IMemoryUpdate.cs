namespace X86Pae.Memory;

/// <summary>What a read-modify-write makes of the value it finds.</summary>
/// <typeparam name="T">A type of 1 to 4096 bytes without references.</typeparam>
/// <remarks>Implemented by structs and used as a type parameter.</remarks>
public interface IMemoryUpdate<T>
    where T : unmanaged
{
    /// <summary>Computes the value to store.</summary>
    /// <param name="value">The value found.</param>
    T Apply(T value);
}
