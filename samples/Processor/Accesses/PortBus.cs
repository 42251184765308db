namespace X86Pae.Samples.Processor.Accesses;

/// <summary>The I/O ports of a machine. A port without a device reads as ones and ignores writes.</summary>
public sealed class PortBus
{
    private readonly Dictionary<ushort, IPortDevice> _devices = [];

    /// <summary>Connects a device.</summary>
    /// <param name="port">The port at which it answers; no other device may have it.</param>
    /// <param name="device">The device.</param>
    public void Add(ushort port, IPortDevice device) => _devices.Add(port, device);

    /// <summary>Reads a port.</summary>
    /// <param name="port">The port.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    /// <returns>The value in the low <paramref name="size"/> bytes; the others have no meaning.</returns>
    public uint Read(ushort port, int size) =>
        _devices.TryGetValue(port, out IPortDevice? device) ? device.Read(size) : uint.MaxValue;

    /// <summary>Writes a port.</summary>
    /// <param name="port">The port.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    /// <param name="value">The value; only its low <paramref name="size"/> bytes count.</param>
    public void Write(ushort port, int size, uint value)
    {
        if (_devices.TryGetValue(port, out IPortDevice? device))
        {
            device.Write(size, value);
        }
    }
}

/// <summary>A device that answers at an I/O port.</summary>
public interface IPortDevice
{
    /// <summary>IN. Only the low <paramref name="size"/> bytes of the result count.</summary>
    /// <param name="size">1, 2 or 4 bytes.</param>
    uint Read(int size);

    /// <summary>OUT.</summary>
    /// <param name="size">1, 2 or 4 bytes.</param>
    /// <param name="value">The value; only its low <paramref name="size"/> bytes count.</param>
    void Write(int size, uint value);
}
