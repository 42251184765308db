using System.Runtime.CompilerServices;
using X86Pae.Paging;

namespace X86Pae.Tlb;

/// <summary>
/// A direct-mapped cache of the translations used last, by page and class of access, with host addresses of RAM: the front of an
/// untimed MMU.
/// </summary>
/// <remarks>Flushed in constant time. It may lose any entry at any time; what lies behind it fills it again.</remarks>
internal struct HostCache
{
    private const uint LastGeneration = 0xFFF;

    // What a cache that is switched off looks into: tags that never match.
    private static readonly byte[] NothingMemory = NewMemory();
    private static readonly HostBlock NothingBlock = new(NothingMemory);

    private readonly byte[] _memory; // keeps the block alive
    private ulong _invalidations; // but for those that the block's generation counts

    /// <summary>Creates an empty cache.</summary>
    /// <param name="isEnabled">False for one that never holds anything and costs no memory.</param>
    public HostCache(bool isEnabled)
    {
        IsEnabled = isEnabled;
        _memory = isEnabled ? NewMemory() : NothingMemory;
        Block = isEnabled ? new HostBlock(_memory) : NothingBlock;
    }

    /// <summary>Whether anything is ever kept.</summary>
    public bool IsEnabled { get; }

    /// <summary>What hits ask; the same for as long as the cache lives.</summary>
    public HostBlock Block { get; }

    /// <summary>Changes with every invalidation, whatever it dropped.</summary>
    public readonly ulong Epoch => _invalidations + Block.Generation;

    /// <summary>Looks up the translation of an access, and when it was filled.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What would be done, and by whom.</param>
    /// <param name="result">The translation; undefined on a miss.</param>
    /// <param name="stamp">What the page was stamped with.</param>
    public readonly bool TryPeek(uint linear, Access access, out WalkResult result, out uint stamp)
    {
        stamp = Block.StampOf(linear);
        return Block.TryTranslate(linear, access, out result);
    }

    /// <summary>Keeps the translation of an access that succeeded.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What was done, and by whom.</param>
    /// <param name="result">The translation; must not be a fault.</param>
    /// <param name="stamp">When it was filled, by the caller's count.</param>
    /// <remarks>A set holds one page in one state: another page, frame or right drops what was there for every class.</remarks>
    public readonly void Fill(uint linear, Access access, WalkResult result, uint stamp)
    {
        if (IsEnabled)
        {
            Block.Fill(linear, access, result, stamp);
        }
    }

    /// <summary>Keeps where the RAM of a page is, after an access to it that succeeded.</summary>
    /// <param name="linear">Byte address.</param>
    /// <param name="access">What was done, and by whom.</param>
    /// <param name="hostPage">Host address of the page.</param>
    public readonly void KeepRam(uint linear, Access access, nint hostPage)
    {
        if (IsEnabled)
        {
            Block.KeepRam(linear, access, hostPage);
        }
    }

    /// <summary>Drops a page; of a large page all of it.</summary>
    /// <param name="linear">Any address in the page.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // a few instructions in every INVLPG
    public void Invalidate(uint linear)
    {
        _invalidations++;
        if (!IsEnabled)
        {
            return;
        }

        HostBlock block = Block;
        block.Clear(linear);
        if (block.MayHoldLarge(linear))
        {
            FlushPieces();
        }
    }

    /// <summary>Drops everything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one addition in every flush
    public void FlushAll()
    {
        if (!IsEnabled)
        {
            _invalidations++;
        }
        else if (++Block.Generation > LastGeneration)
        {
            Restart();
        }
    }

    /// <summary>Drops a large page, whose pieces may be in any set, and with it everything.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // keeps INVLPG of a small page small
    private void FlushPieces() => FlushAll();

    private static byte[] NewMemory() => GC.AllocateArray<byte>(HostBlock.SizeInBytes, pinned: true);

    /// <summary>Begins with generation 1 again; no old tag may match it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // once in 4,095 flushes
    private void Restart()
    {
        Array.Clear(_memory);
        Block.Generation = 1;
        _invalidations += LastGeneration;
    }
}
