namespace X86Pae.Tests.Memory;

/// <summary>One call of an <see cref="X86Pae.Memory.IMmioDevice"/>; the value of a load is what the device answered.</summary>
internal readonly record struct DeviceAccess(bool IsStore, ulong Offset, int SizeInBytes, ulong Value)
{
    public static DeviceAccess Load(ulong offset, int size, ulong value) => new(false, offset, size, value);

    public static DeviceAccess Store(ulong offset, int size, ulong value) => new(true, offset, size, value);
}
