using X86Pae.Samples.Processor.Accesses;

namespace X86Pae.GuestRunner.Devices;

/// <summary>The debug console of Bochs and QEMU, which prints each byte that is written to its port.</summary>
/// <param name="output">Receives the bytes.</param>
internal sealed class DebugConsole(IByteSink output) : IPortDevice
{
    public const ushort Port = 0xE9;

    /// <summary>Reads the number of the port, by which a program detects the console.</summary>
    public uint Read(int size) => Port;

    public void Write(int size, uint value)
    {
        for (int i = 0; i < size; i++)
        {
            output.Put((byte)(value >> (8 * i)));
        }
    }
}

/// <summary>Receives the guest's output.</summary>
internal interface IByteSink
{
    void Put(byte value);
}
