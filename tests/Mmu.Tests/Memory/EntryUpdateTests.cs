using X86Pae.Memory;

namespace X86Pae.Tests.Memory;

public sealed class EntryUpdateTests
{
    [Fact]
    public void Update_BeyondTheEndOfRam_IsIgnoredOnlyIfTheEntryIsAsExpected()
    {
        var bus = new RamBus(new GuestMemory(0x1000, openBus: 0x5A));

        Assert.Equal(EntryUpdate.Ignored, bus.UpdateEntry64(0x1000, 0x5A5A_5A5A_5A5A_5A5A, 0));
        Assert.Equal(EntryUpdate.Ignored, bus.UpdateEntry32(0x1000, 0x5A5A_5A5A, 0));
        Assert.Equal(EntryUpdate.Changed, bus.UpdateEntry64(0x1000, 0, 0));
        Assert.Equal(EntryUpdate.Changed, bus.UpdateEntry32(0x1000, 0, 0));
    }

    [Fact]
    public void Update_BeyondTheEndOfASpan_IsIgnoredOnlyIfTheEntryIsAsExpected()
    {
        var bus = new SpanBus(new byte[0x1004], openBus: 0x5A); // the last entry is half there

        Assert.Equal(EntryUpdate.Ignored, bus.UpdateEntry64(0x1000, 0x5A5A_5A5A_0000_0000, 0));
        Assert.Equal(EntryUpdate.Ignored, bus.UpdateEntry32(0x1004, 0x5A5A_5A5A, 0));
        Assert.Equal(EntryUpdate.Changed, bus.UpdateEntry64(0x1000, 0, 0));
        Assert.Equal(EntryUpdate.Changed, bus.UpdateEntry32(0x1004, 0, 0));
    }
}
