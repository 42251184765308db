namespace X86Pae.GuestRunner.Devices;

/// <summary>A device that answers at an I/O port.</summary>
internal interface IPortDevice
{
    /// <summary>IN. Only the low <paramref name="size"/> bytes of the result count.</summary>
    uint In(int size);

    /// <summary>OUT.</summary>
    void Out(int size, uint value);
}
