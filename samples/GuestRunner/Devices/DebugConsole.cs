namespace X86Pae.GuestRunner.Devices;

/// <summary>The debug console of Bochs and QEMU: each byte written to its port is a character.</summary>
/// <param name="output">Receives the bytes.</param>
internal sealed class DebugConsole(IByteSink output) : IPortDevice
{
    public const ushort Port = 0xE9;

    /// <summary>Reading gives the port's number, by which a program finds out that it is there.</summary>
    public uint In(int size) => Port;

    public void Out(int size, uint value)
    {
        for (int i = 0; i < size; i++)
        {
            output.Put((byte)(value >> (8 * i)));
        }
    }
}
