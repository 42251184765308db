namespace X86Pae.Tests.Embedding;

/// <summary>A host's own idea of memory: anything that answers byte by byte.</summary>
internal interface IByteDevice
{
    byte Read(uint address);

    void Write(uint address, byte value);
}
