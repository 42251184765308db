using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

public sealed class WalkResultTests
{
    private const PageAttributes Attributes = PageAttributes.User | PageAttributes.Writable | PageAttributes.Dirty;

    // C33. A fault has a linear address and an error code; no physical address and no attributes are left for misuse.
    [Fact]
    public void Fault_OtherMembers_SayNothing()
    {
        WalkResult fault = WalkResult.Faulted(0x1234_5678, (PageFaultErrorCode)0x17);

        Assert.True(fault.IsFault);
        Assert.Equal(new PageFault((PageFaultErrorCode)0x17, 0x1234_5678), fault.Fault);
        Assert.Equal((0UL, PageAttributes.None), (fault.PhysicalAddress, fault.Attributes));
    }

    [Fact]
    public void Translation_HasAddressAndAttributesAndNoFault()
    {
        WalkResult result = WalkResult.Translated(0xF_FFFF_FFFF_FFFF, Attributes);

        Assert.False(result.IsFault);
        Assert.Equal((0xF_FFFF_FFFF_FFFFUL, Attributes), (result.PhysicalAddress, result.Attributes));
        Assert.Equal(default, result.Fault);
    }

    // C71. The PAT's part is replaced as a whole and does not show among the attributes.
    [Fact]
    public void WithPatType_AnyTypeAfterAnyOther_IsTheLast()
    {
        foreach (MemoryType first in Enum.GetValues<MemoryType>())
        {
            foreach (MemoryType second in Enum.GetValues<MemoryType>())
            {
                WalkResult result = WalkResult.Translated(0x5000, Attributes).WithPatType(first).WithPatType(second);

                Assert.Equal((second, Attributes, 0x5000UL), (result.PatType, result.Attributes, result.PhysicalAddress));
                Assert.Equal(result, WalkResult.FromKept(0x5000, result.Kept));
            }
        }
    }
}
