namespace X86Pae.Tests.Embedding;

/// <summary>Bytes that remember what was written, and in what order.</summary>
internal sealed class RecordingMemory(byte[] bytes) : IByteDevice
{
    public List<(int Address, int Value)> Writes { get; } = [];

    public byte Read(uint address) => address < bytes.Length ? bytes[address] : (byte)0xFF;

    public void Write(uint address, byte value)
    {
        Writes.Add(((int)address, value));
        if (address < bytes.Length)
        {
            bytes[address] = value;
        }
    }
}
