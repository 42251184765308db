// C60 to C62: operands over two pages, or three, through an MMU.
//
//   linear     5FFx .. 5FFF | 6000 .. 600x         the frames do not lie next to each other
//   physical   8FFx .. 8FFF | A000 .. A00x

using X86Pae.Memory;
using X86Pae.Paging;
using X86Pae.Timing;
using X86Pae.Tlb;

namespace X86Pae.Tests;

/// <summary>An access that faults on one of its pages has changed no byte of the others; flags are as for each page by itself.</summary>
public sealed class PageCrossingTests
{
    private const uint First = 0x5000;
    private const uint Second = 0x6000;
    private const uint Third = 0x7000;
    private const ulong Fresh = 0x7; // P, R/W, U/S
    private const ulong A = 0x20;
    private const ulong D = 0x40;
    private const ulong FirstFrame = 0x8000;
    private const ulong SecondFrame = 0xA000;
    private const ulong ThirdFrame = 0xC000;
    private const ulong Data = FirstFrame;
    private const ulong DataEnd = ThirdFrame + 0x2000;
    private const byte Stored = 0xEE;

    private static readonly Access Rmw = new(AccessKind.ReadModifyWrite, AccessMode.User);

    private static readonly Dictionary<string, TlbConfiguration> Caches = new()
    {
        ["none"] = TlbConfiguration.Coherent,
        ["host"] = TlbConfiguration.Functional,
        ["core-duo"] = CpuModels.CoreDuo.Tlbs,
    };

    // Each stores EEh in all its bytes, so many of them before the page end.
    private static readonly Dictionary<string, Func<Mmu<RamBus, NoTiming>, AccessResult>> Operations = new()
    {
        ["2 bytes"] = mmu => mmu.Write(Second - 1, Access.UserWrite, (ushort)0xEEEE),
        ["4 bytes"] = mmu => mmu.Write(Second - 3, Access.UserWrite, 0xEEEE_EEEEu),
        ["8 bytes"] = mmu => mmu.Write(Second - 4, Access.UserWrite, 0xEEEE_EEEE_EEEE_EEEEul),
        ["span of 3"] = mmu => mmu.Write(Second - 1, Access.UserWrite, Bytes(3)),
        ["span of a page"] = mmu => mmu.Write(First + 1, Access.UserWrite, Bytes(4096)),
        ["span of more"] = mmu => mmu.Write(First, Access.UserWrite, Bytes(4097)),
        ["read-modify-write of 4"] = mmu => Update(mmu, Second - 2, 0xEEEE_EEEEu),
        ["read-modify-write of 8"] = mmu => Update(mmu, Second - 7, 0xEEEE_EEEE_EEEE_EEEEul),
    };

    public static TheoryData<string, string> EveryOperation { get; } = PairWithCaches(Operations.Keys);

    public static TheoryData<string> CacheNames { get; } = [.. Caches.Keys];

    [Theory]
    [MemberData(nameof(EveryOperation))]
    public void Write_BothPagesWritable_StoresInBothFramesAndSetsDirtyInBoth(string operation, string caches)
    {
        StaleGuest guest = NewGuest(caches, second: SecondFrame | Fresh);
        byte[] before = ReadData(guest);

        Assert.False(Operations[operation](guest.Mmu).IsFault);

        byte[] after = ReadData(guest);
        int[] changed = [.. Enumerable.Range(0, after.Length).Where(i => after[i] != before[i])];
        Assert.All(changed, i => Assert.Equal(Stored, after[i]));
        Assert.Contains((int)(FirstFrame - Data) + 0xFFF, changed);
        Assert.Contains((int)(SecondFrame - Data), changed);
        Assert.All(changed, i => Assert.True(i is >= 0 and < 0x1000 or >= 0x2000 and < 0x3000, $"{i:X}"));
        Assert.Equal((FirstFrame | Fresh | A | D, SecondFrame | Fresh | A | D), (guest.Pte(First), guest.Pte(Second)));
    }

    // The first page has been written by the access as far as its flags go: A and D (docs/rules.md, C60).
    [Theory]
    [MemberData(nameof(EveryOperation))]
    public void Write_SecondPageFaults_ChangesNoByteOfEitherPage(string operation, string caches)
    {
        foreach ((ulong second, uint errorCode) in ((ulong, uint)[])
            [(SecondFrame | 0x6, 0x06), (SecondFrame | 0x5, 0x07), (SecondFrame | 0x3, 0x07), (SecondFrame | Fresh | (1UL << 51), 0x0F)])
        {
            StaleGuest guest = NewGuest(caches, second);
            byte[] before = ReadData(guest);

            AccessResult result = Operations[operation](guest.Mmu);

            Assert.True(result.IsFault);
            Assert.Equal(new PageFault((PageFaultErrorCode)errorCode, Second), result.Fault);
            Assert.Equal(before, ReadData(guest));
            Assert.Equal((FirstFrame | Fresh | A | D, second), (guest.Pte(First), guest.Pte(Second)));
            Assert.Equal(StaleGuest.Table | Fresh | A, guest.Pde);
        }
    }

    // The same where both translations are held, and the second page has since become read-only.
    [Theory]
    [MemberData(nameof(EveryOperation))]
    public void Write_SecondPageBecameReadOnly_ChangesNoByteOfEitherPage(string operation, string caches)
    {
        StaleGuest guest = NewGuest(caches, second: SecondFrame | Fresh);
        Assert.False(guest.Mmu.Write(First, Access.UserWrite, (byte)1).IsFault);
        Assert.False(guest.Mmu.Write(Second, Access.UserWrite, (byte)2).IsFault);
        guest.SetPte(Second, SecondFrame | 0x5);
        guest.Mmu.Invlpg(Second);
        Assert.False(guest.Mmu.Read(Second, Access.UserRead, out byte _).IsFault); // held for reading
        byte[] before = ReadData(guest);

        AccessResult result = Operations[operation](guest.Mmu);

        Assert.True(result.IsFault);
        Assert.Equal(new PageFault((PageFaultErrorCode)0x07, Second), result.Fault);
        Assert.Equal(before, ReadData(guest));
        Assert.Equal(SecondFrame | 0x5 | A, guest.Pte(Second));
    }

    // The first page comes first: where neither can be written its fault is the one, and the other page is not looked at.
    [Theory]
    [MemberData(nameof(EveryOperation))]
    public void Write_FirstPageFaults_LeavesTheSecondAlone(string operation, string caches)
    {
        foreach ((ulong first, uint errorCode) in ((ulong, uint)[])[(FirstFrame | 0x6, 0x06), (FirstFrame | 0x5, 0x07)])
        {
            StaleGuest guest = NewGuest(caches, second: SecondFrame | Fresh);
            guest.SetPte(First, first);
            byte[] before = ReadData(guest);

            AccessResult result = Operations[operation](guest.Mmu);

            Assert.True(result.IsFault);
            Assert.Equal((PageFaultErrorCode)errorCode, result.Fault.ErrorCode);
            Assert.InRange(result.Fault.Cr2, First, Second - 1); // the first byte of the operand
            Assert.Equal(before, ReadData(guest));
            Assert.Equal((first, SecondFrame | Fresh), (guest.Pte(First), guest.Pte(Second)));
        }
    }

    [Theory]
    [MemberData(nameof(CacheNames))]
    public void Write_ThirdPageFaults_ChangesNoByteOfThree(string caches)
    {
        StaleGuest guest = NewGuest(caches, second: SecondFrame | Fresh);
        guest.SetPte(Third, ThirdFrame | 0x5);
        byte[] before = ReadData(guest);

        AccessResult result = guest.Mmu.Write(First + 0x800, Access.UserWrite, Bytes(0x1801));

        Assert.Equal(new PageFault((PageFaultErrorCode)0x07, Third), result.Fault);
        Assert.Equal(before, ReadData(guest));
        Assert.Equal(
            (FirstFrame | Fresh | A | D, SecondFrame | Fresh | A | D, ThirdFrame | 0x5),
            (guest.Pte(First), guest.Pte(Second), guest.Pte(Third)));
    }

    // A locked compare-exchange is aligned, so it has one page; its neighbour's state is nothing to it, and its own fault is a write's.
    [Theory]
    [MemberData(nameof(CacheNames))]
    public void CompareExchange_PageFaults_ChangesNoByteOfEitherPage(string caches)
    {
        StaleGuest guest = NewGuest(caches, second: SecondFrame | 0x5);
        byte[] before = ReadData(guest);
        ulong held = BitConverter.ToUInt64(before, (int)(SecondFrame - Data));

        AccessResult eight = guest.Mmu.CompareExchange(Second, Rmw, held, ~held, out bool swapped);
        AccessResult four = guest.Mmu.CompareExchange(Second, Rmw, (uint)held, ~(uint)held, out bool swappedFour);

        var fault = new PageFault((PageFaultErrorCode)0x07, Second);
        Assert.Equal((fault, fault), (eight.Fault, four.Fault));
        Assert.False(swapped || swappedFour);
        Assert.Equal(before, ReadData(guest));
        Assert.Equal((FirstFrame | Fresh, SecondFrame | 0x5), (guest.Pte(First), guest.Pte(Second)));
        Assert.False(guest.Mmu.CompareExchange(Second - 8, Rmw, 0UL, 1UL, out bool _).IsFault);
        Assert.Equal(before, ReadData(guest)); // the first page holds another value, and D is set all the same
        Assert.Equal(FirstFrame | Fresh | A | D, guest.Pte(First));
    }

    // A compare-exchange over two pages (a split lock) asks for both with write intent before it compares.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CompareExchange_OverTwoPagesOfWhichTheSecondIsReadOnly_FaultsWhateverItWouldFind(bool equal)
    {
        StaleGuest guest = NewGuest("none", second: SecondFrame | 0x5);
        byte[] before = ReadData(guest);
        ulong held = Held(guest);
        var exchange = new Exchange<ulong>(equal ? held : ~held, 0);

        AccessResult result = guest.Mmu.Update(Second - 4, Rmw, ref exchange, out ulong _);

        Assert.Equal(new PageFault((PageFaultErrorCode)0x07, Second), result.Fault);
        Assert.False(exchange.WasAsked);
        Assert.Equal(before, ReadData(guest));
        Assert.Equal((FirstFrame | Fresh | A | D, SecondFrame | 0x5), (guest.Pte(First), guest.Pte(Second)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CompareExchange_OverTwoPages_SetsDirtyInBothWhateverItFinds(bool equal)
    {
        StaleGuest guest = NewGuest("none", second: SecondFrame | Fresh);
        ulong held = Held(guest);
        var exchange = new Exchange<ulong>(equal ? held : ~held, 0x1122_3344_5566_7788);

        Assert.False(guest.Mmu.Update(Second - 4, Rmw, ref exchange, out ulong found).IsFault);

        Assert.Equal((held, equal ? 0x1122_3344_5566_7788 : held), (found, Held(guest)));
        Assert.Equal((FirstFrame | Fresh | A | D, SecondFrame | Fresh | A | D), (guest.Pte(First), guest.Pte(Second)));
    }

    // As QEMU does it: the load half sets A in both pages, or faults as a read, before the store half is refused.
    [Theory]
    [InlineData(SecondFrame | 0x5, 0x07u, SecondFrame | 0x5 | A, FirstFrame | Fresh | A | D)]
    [InlineData(SecondFrame | 0x6, 0x04u, SecondFrame | 0x6, FirstFrame | Fresh | A)]
    public void Update_ThatReadsFirst_ChangesNoByteOfEitherPage(ulong second, uint errorCode, ulong secondAfter, ulong firstAfter)
    {
        StaleGuest guest = NewGuest("none", second, new PagingOptions { ReadModifyWriteReadsFirst = true });
        byte[] before = ReadData(guest);

        AccessResult result = Update(guest.Mmu, Second - 2, 0xEEEE_EEEEu);

        Assert.Equal(new PageFault((PageFaultErrorCode)errorCode, Second), result.Fault);
        Assert.Equal(before, ReadData(guest));
        Assert.Equal((firstAfter, secondAfter), (guest.Pte(First), guest.Pte(Second)));
    }

    // Code over two pages: the fault has the first byte of the second for CR2, and I/D; the first page has been used, not written.
    [Theory]
    [InlineData(SecondFrame | 0x6, 0x14u)]
    [InlineData(SecondFrame | 0x3, 0x15u)]
    [InlineData(SecondFrame | Fresh | (1UL << 63), 0x15u)]
    public void Fetch_SecondPageFaults_FaultsAtItsFirstByte(ulong second, uint errorCode)
    {
        foreach (string caches in Caches.Keys)
        {
            StaleGuest guest = NewGuest(caches, second);
            byte[] code = Bytes(15);

            AccessResult one = guest.Mmu.Fetch<uint>(Second - 1, AccessMode.User, out _);
            AccessResult many = guest.Mmu.Read(Second - 5, Access.UserFetch, code);

            var fault = new PageFault((PageFaultErrorCode)errorCode, Second);
            Assert.Equal((fault, fault), (one.Fault, many.Fault));
            Assert.Equal(Bytes(15), code);
            Assert.Equal((FirstFrame | Fresh | A, second), (guest.Pte(First), guest.Pte(Second)));
        }
    }

    [Fact]
    public void Fetch_BothPagesExecutable_IsPutTogether()
    {
        foreach (string caches in Caches.Keys)
        {
            StaleGuest guest = NewGuest(caches, second: SecondFrame | Fresh);

            Assert.False(guest.Mmu.Fetch(Second - 4, AccessMode.User, out ulong code).IsFault);

            Assert.Equal(Held(guest), code);
            Assert.Equal((FirstFrame | Fresh | A, SecondFrame | Fresh | A), (guest.Pte(First), guest.Pte(Second)));
        }
    }

    // C61. The byte after FFFF_FFFFh is byte 0.
    [Theory]
    [MemberData(nameof(CacheNames))]
    public void Write_AroundTheEndOfTheAddressSpace_GoesOnAtZeroOrFaultsThere(string caches)
    {
        StaleGuest guest = NewGuest(caches, second: 0);
        var ram = new RamBus(guest.Memory);
        ram.Store(0x1000 + (8 * 3), 0x2001UL); // the highest gibibyte has the same directory,
        ram.Store(0x2000 + (8 * 511), StaleGuest.OtherTable | Fresh);
        ram.Store(StaleGuest.OtherTable + (8 * 511), FirstFrame | Fresh); // whose last page is the first frame
        Assert.True(guest.Mmu.WriteCr3(0x1000));
        byte[] before = ReadData(guest);

        AccessResult refused = guest.Mmu.Write(0xFFFF_FFFE, Access.UserWrite, 0xEEEE_EEEEu);
        byte[] afterFault = ReadData(guest);
        guest.SetPte(0, SecondFrame | Fresh);
        AccessResult done = guest.Mmu.Write(0xFFFF_FFFE, Access.UserWrite, 0xEEEE_EEEEu);

        Assert.Equal(new PageFault((PageFaultErrorCode)0x06, 0), refused.Fault);
        Assert.Equal(before, afterFault);
        Assert.False(done.IsFault);
        Assert.Equal((0xEEEE, 0xEEEE), (ram.Load<ushort>(FirstFrame + 0xFFE), ram.Load<ushort>(SecondFrame)));
        Assert.Equal(before[..0xFFE], ReadData(guest)[..0xFFE]);
    }

    private static TheoryData<string, string> PairWithCaches(IEnumerable<string> operations)
    {
        var pairs = new TheoryData<string, string>();
        foreach (string operation in operations)
        {
            foreach (string caches in Caches.Keys)
            {
                pairs.Add(operation, caches);
            }
        }

        return pairs;
    }

    /// <summary>All pages but the second mapped with A and D clear; no byte of data is the one that is stored.</summary>
    private static StaleGuest NewGuest(string caches, ulong second, PagingOptions? options = null)
    {
        var guest = new StaleGuest(options: options, tlbs: Caches[caches]);
        var ram = new RamBus(guest.Memory);
        for (ulong address = Data; address < DataEnd; address++)
        {
            ram.Store(address, (byte)(address % 199));
        }

        guest.SetPde(StaleGuest.Table | Fresh);
        guest.SetPte(First, FirstFrame | Fresh);
        guest.SetPte(Second, second);
        guest.SetPte(Third, ThirdFrame | Fresh);
        return guest;
    }

    /// <summary>What the guest's memory holds where its pages lie, and between them.</summary>
    private static byte[] ReadData(StaleGuest guest)
    {
        byte[] bytes = new byte[DataEnd - Data];
        for (int page = 0; page < bytes.Length; page += 4096)
        {
            new RamBus(guest.Memory).Read(Data + (ulong)page, bytes.AsSpan(page, 4096));
        }

        return bytes;
    }

    /// <summary>The eight bytes around the page end.</summary>
    private static ulong Held(StaleGuest guest)
    {
        var ram = new RamBus(guest.Memory);
        return ram.Load<uint>(FirstFrame + 0xFFC) | ((ulong)ram.Load<uint>(SecondFrame) << 32);
    }

    private static byte[] Bytes(int count) => [.. Enumerable.Repeat(Stored, count)];

    /// <summary>Replaces whatever is there.</summary>
    private static AccessResult Update<T>(Mmu<RamBus, NoTiming> mmu, uint linear, T value)
        where T : unmanaged, IEquatable<T>
    {
        var exchange = new Exchange<T>(null, value);
        AccessResult result = mmu.Update(linear, Rmw, ref exchange, out T _);
        Assert.NotEqual(result.IsFault, exchange.WasAsked);
        return result;
    }

    private struct Exchange<T>(T? expected, T desired) : IMemoryUpdate<T>
        where T : unmanaged, IEquatable<T>
    {
        public bool WasAsked { get; private set; }

        public T Apply(T value)
        {
            WasAsked = true;
            return expected is { } only && !value.Equals(only) ? value : desired;
        }
    }
}
