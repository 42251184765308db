using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

/// <summary>A walk allocates nothing, whatever it comes to.</summary>
[Trait("Category", "Long")]
public sealed class WalkAllocationTests
{
    private const int Walks = 1_000_000;

    [Fact]
    public void Walk_NotPresent_AllocatesNothing()
    {
        var guest = new PaeGuest();
        uint faults = 0;

        long allocated = Allocation.Of(Walks, i => faults += guest.Walk((uint)i * 0x1357, Access.UserWrite).IsFault ? 1u : 0);

        Assert.Equal(0, allocated);
        Assert.True(faults >= Walks);
    }

    [Fact]
    public void Walk_MillionMixedWalks_AllocateNothing()
    {
        var guest = new PaeGuest();
        var memory = new GuestMemory(0x10_0000);
        var ram = new RamBus(memory);
        guest.Map(0x4000_0000, 0x9000 | PaeGuest.Used);
        guest.Map(0x4000_1000, 0xA001);
        guest.Map(0x4000_2000, 1UL << 50 | PaeGuest.Used);
        guest.Map(0x4000_3000, 0x9000 | PaeGuest.Fresh);
        guest.MapLarge(0x8020_0000, 0x60_0000 | PaeGuest.Fresh | 0x80);
        ram.Write(0, guest.Memory.AsSpan(0, 4096));
        for (uint page = 0x1000; page < 0x7000; page += 0x1000)
        {
            ram.Write(page, guest.Memory.AsSpan((int)page, 4096));
        }

        uint[] addresses = [0x4000_0123, 0x4000_1123, 0x4000_2123, 0x4000_3123, 0x4000_4123, 0x8020_0123, 0xC000_0000];
        ProductAccess[] accesses = ProductAccess.All;
        int translated = 0;

        long allocated = Allocation.Of(Walks, i =>
        {
            uint linear = addresses[i % addresses.Length];
            Access access = accesses[i & 15].Access;
            WalkResult overSpan = guest.Walk(linear, access);
            WalkResult overRam = PageWalker.Walk(ref ram, in guest.Registers.State, linear, access);
            translated += overSpan.IsFault || overRam.IsFault ? 0 : 1;
        });

        Assert.Equal(0, allocated);
        Assert.True(translated > 0);
    }
}
