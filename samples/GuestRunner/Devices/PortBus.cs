namespace X86Pae.GuestRunner.Devices;

/// <summary>The ports. Where no device answers, reads give ones and writes are lost.</summary>
internal sealed class PortBus
{
    private readonly Dictionary<ushort, IPortDevice> _devices = [];

    public void Add(ushort port, IPortDevice device) => _devices.Add(port, device);

    public uint In(ushort port, int size) => _devices.TryGetValue(port, out IPortDevice? device) ? device.In(size) : uint.MaxValue;

    public void Out(ushort port, int size, uint value)
    {
        if (_devices.TryGetValue(port, out IPortDevice? device))
        {
            device.Out(size, value);
        }
    }
}
