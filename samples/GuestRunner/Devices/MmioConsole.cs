// A console as registers in physical memory, to show how a device on the memory bus looks to the library.
//
//   physical F0000000h   write  a character in the low byte
//            F0000004h   read   number of characters written
//
// The guest maps the page like any other, with PCD and PWT set if it wants the page uncached. Its page tables decide which
// accesses reach the device.

using X86Pae.Memory;

namespace X86Pae.GuestRunner.Devices;

/// <summary>A console in memory.</summary>
/// <param name="output">Receives the bytes.</param>
internal sealed class MmioConsole(IByteSink output) : IMmioDevice
{
    public const ulong Address = 0xF000_0000;
    public const ulong SizeInBytes = 0x1000;

    private const ulong CharacterRegister = 0;
    private const ulong CountRegister = 4;

    private uint _count;

    public ulong Load(ulong offset, int sizeInBytes) => offset == CountRegister ? _count : 0;

    public void Store(ulong offset, int sizeInBytes, ulong value)
    {
        if (offset == CharacterRegister)
        {
            _count++;
            output.Put((byte)value);
        }
    }
}
