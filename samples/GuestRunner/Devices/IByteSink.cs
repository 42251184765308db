namespace X86Pae.GuestRunner.Devices;

/// <summary>Where the guest's output goes.</summary>
internal interface IByteSink
{
    void Put(byte value);
}
