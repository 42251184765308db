using X86Pae.Samples.Processor.Accesses;

namespace X86Pae.GuestRunner.Devices;

/// <summary>A port that switches the machine off when it is written.</summary>
/// <param name="switchOff">Receives the value that was written.</param>
internal sealed class ExitPort(Action<uint> switchOff) : IPortDevice
{
    public const ushort Port = 0xF4;

    public uint Read(int size) => uint.MaxValue;

    public void Write(int size, uint value) => switchOff(value);
}
