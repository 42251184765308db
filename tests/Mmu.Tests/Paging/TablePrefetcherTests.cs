using X86Pae.Memory;
using X86Pae.Paging;

namespace X86Pae.Tests.Paging;

// A prefetch has no effect that a guest could see. What it looks for in host memory is seen by the bus: the entries that walks of the
// batch are going to read, and nothing else.
public sealed class TablePrefetcherTests
{
    private static readonly uint[] Batch = [0x0000_1ABC, 0x4020_3000, 0x8FE0_5FFF, 0xFFFF_F000];

    [Fact]
    public void Prefetch_PresentTables_AsksForTheEntriesThatTheWalksRead()
    {
        var tables = new Tables();
        PagingState state = Tables.Load();

        List<ulong> asked = tables.Prefetch(in state, Batch);

        Assert.Equal([.. Batch.Select(Tables.PdeAddress), .. Batch.Select(Tables.PteAddress)], asked);
        Assert.Equal(tables.ReadByWalks(in state, Batch).Order(), asked.Order());
    }

    [Fact]
    public void Prefetch_AbsentPdpte_AsksForNothingBelowIt()
    {
        var tables = new Tables();
        PagingState state = Tables.Load(pdpte1: 0x3000); // P = 0

        Assert.Equal(
            [Tables.PdeAddress(Batch[0]), Tables.PteAddress(Batch[0])], tables.Prefetch(in state, [Batch[1], Batch[0]]));
    }

    [Theory]
    [InlineData(0x9066ul)] // P = 0
    [InlineData(0x0060_00E7ul)] // PS = 1
    [InlineData(0x0060_00E6ul)]
    public void Prefetch_DirectoryEntryWithoutATable_AsksForNoTableEntry(ulong pde)
    {
        var tables = new Tables();
        tables.Memory.Store(Tables.PdeAddress(Batch[1]), pde);
        PagingState state = Tables.Load();

        Assert.Equal(
            [.. Batch.Select(Tables.PdeAddress), .. Batch.Where(linear => linear != Batch[1]).Select(Tables.PteAddress)],
            tables.Prefetch(in state, Batch));
    }

    [Fact]
    public void Prefetch_DirectoryThatIsNotPlainRam_IsNotRead()
    {
        var tables = new Tables();
        PagingState state = Tables.Load();

        Assert.Equal(
            [Tables.PdeAddress(Batch[0]), Tables.PdeAddress(Batch[1]), Tables.PteAddress(Batch[0])],
            tables.Prefetch(in state, [Batch[0], Batch[1]], notRam: Tables.PdeAddress(Batch[1]) & ~0xFFFul));
    }

    // Two-level paging, paging off and PDPTEs in memory: the entries are elsewhere.
    [Fact]
    public void Prefetch_OtherModes_AskForNothing()
    {
        var tables = new Tables();
        PagingState twoLevel = Tables.Load(cr4: Cr4.None);
        PagingState off = Tables.Load(cr0: Cr0.ProtectionEnable);
        PagingState onDemand = Tables.Load(options: new PagingOptions { PdpteMode = PdpteMode.WalkOnDemand });

        Assert.Empty(tables.Prefetch(in twoLevel, Batch));
        Assert.Empty(tables.Prefetch(in off, Batch));
        Assert.Empty(tables.Prefetch(in onDemand, Batch));
    }

    /// <summary>Directories at 2000h to 5000h, and a table for each address of the batch from 6000h on, in pinned memory.</summary>
    private sealed class Tables
    {
        public Tables()
        {
            Memory = new RamBus(new GuestMemory(1 << 16));
            for (int i = 0; i < Batch.Length; i++)
            {
                Memory.Store(PdeAddress(Batch[i]), 0x6067ul + (0x1000ul * (ulong)i));
                Memory.Store(PteAddress(Batch[i]), 0x1_0067ul);
            }
        }

        public RamBus Memory { get; }

        public static ulong PdeAddress(uint linear) => 0x2000 + (0x1000 * (linear >> 30)) + (8 * ((linear >> 21) & 0x1FF));

        public static ulong PteAddress(uint linear) =>
            0x6000 + (0x1000ul * (ulong)Array.IndexOf(Batch, linear)) + (8 * ((linear >> 12) & 0x1FF));

        public static PagingState Load(
            ulong pdpte1 = 0x3001,
            Cr0 cr0 = Cr0.Paging | Cr0.ProtectionEnable,
            Cr4 cr4 = Cr4.PhysicalAddressExtension,
            PagingOptions? options = null)
        {
            var pdptes = default(PdpteRegisters);
            (pdptes[0], pdptes[1], pdptes[2], pdptes[3]) = (0x2001, pdpte1, 0x4001, 0x5001);
            return new PagingState(
                CpuFeatures.Full40, options ?? PagingOptions.Default, cr0, 0x1000, cr4, default, in pdptes, ulong.MaxValue);
        }

        public List<ulong> Prefetch(in PagingState state, ReadOnlySpan<uint> batch, ulong notRam = ulong.MaxValue)
        {
            List<ulong> asked = [];
            var bus = new AskedBus(Memory, asked, notRam);
            TablePrefetcher.Prefetch(ref bus, in state, batch);
            return asked;
        }

        public IEnumerable<ulong> ReadByWalks(in PagingState state, uint[] batch)
        {
            List<(string What, WalkLevel Level, ulong Address, ulong Entry)> seen = [];
            var observer = new RecordingObserver(seen);
            foreach (uint linear in batch)
            {
                RamBus bus = Memory;
                Assert.False(PageWalker.Walk(ref bus, ref observer, in state, linear, Access.UserRead).IsFault);
            }

            return seen.Select(access => access.Address);
        }
    }

    /// <summary>Memory that is only asked where its pages are; reading an entry through the bus is not a prefetch.</summary>
    private readonly struct AskedBus(RamBus memory, List<ulong> asked, ulong notRam) : IBus
    {
        public nint HostPage(ulong address, bool forWrite)
        {
            Assert.False(forWrite); // would give memory to a page that has none
            asked.Add(address);
            return (address & ~0xFFFul) == notRam ? 0 : memory.HostPage(address, forWrite: false);
        }

        public ulong LoadEntry64(ulong address) => throw new InvalidOperationException();

        public uint LoadEntry32(ulong address) => throw new InvalidOperationException();

        public EntryUpdate UpdateEntry64(ulong address, ulong expected, ulong desired) => throw new InvalidOperationException();

        public EntryUpdate UpdateEntry32(ulong address, uint expected, uint desired) => throw new InvalidOperationException();

        public T Load<T>(ulong address)
            where T : unmanaged => throw new InvalidOperationException();

        public void Store<T>(ulong address, T value)
            where T : unmanaged => throw new InvalidOperationException();

        public void Read(ulong address, Span<byte> destination) => throw new InvalidOperationException();

        public void Write(ulong address, ReadOnlySpan<byte> source) => throw new InvalidOperationException();
    }
}
