// The access-rights check knows eight classes of access. With the eight combinations of rights that a page can have, the verdicts
// fill one 64-bit word (see AccessRights).
//
//   class   0          1           2           3                 4            5             6           7
//          user read  user write  user fetch  supervisor fetch  sup. read    sup. write    sup. read   sup. write
//                                                               SMAP applies SMAP applies  AC set      AC set

using System.Runtime.CompilerServices;

namespace X86Pae.Paging;

/// <summary>What an access does, and on whose behalf: all that the paging unit needs to know beside the address.</summary>
/// <remarks>
/// EFLAGS.AC belongs to the access and not to the control state, because its current value counts and no cached one (Intel SDM
/// vol. 3, 4.6.1), and because only supervisor data accesses look at it. The default value is a user read.
/// </remarks>
public readonly record struct Access
{
    private const byte ReadModifyWriteBit = 8;
    private const byte ImplicitBit = 16;
    private const byte AlignmentCheckBit = 32;
    private const byte WriteBit = (byte)EntryBits.Dirty; // the bit of D in a leaf, so that the walk can use it as a mask of D

    private readonly byte _bits;

    /// <summary>Describes an access.</summary>
    /// <param name="kind">What is done. A read-modify-write needs the right to write.</param>
    /// <param name="mode">On whose behalf it is done.</param>
    /// <param name="alignmentCheck">
    /// EFLAGS.AC, which lets a supervisor data access past SMAP. It does not help an implicit access, unless
    /// <see cref="PagingOptions.ImplicitHonoursAlignmentCheck"/> says so.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="kind"/> or <paramref name="mode"/> is not defined.
    /// </exception>
    public Access(AccessKind kind, AccessMode mode, bool alignmentCheck = false)
    {
        if (kind > AccessKind.ReadModifyWrite)
        {
            throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of access.");
        }

        if (mode > AccessMode.SupervisorImplicit)
        {
            throw new ArgumentOutOfRangeException(nameof(mode), mode, "Unknown mode of access.");
        }

        int write = kind is AccessKind.Write or AccessKind.ReadModifyWrite ? 1 : 0;
        int accessClass = (kind, mode) switch
        {
            (AccessKind.Fetch, AccessMode.User) => 2,
            (AccessKind.Fetch, _) => 3,
            (_, AccessMode.User) => write,
            (_, AccessMode.Supervisor) when alignmentCheck => 6 + write,
            _ => 4 + write,
        };

        _bits = (byte)(accessClass
            | (write != 0 ? WriteBit : 0)
            | (kind == AccessKind.ReadModifyWrite ? ReadModifyWriteBit : 0)
            | (mode == AccessMode.SupervisorImplicit ? ImplicitBit : 0)
            | (mode == AccessMode.SupervisorImplicit && alignmentCheck && kind != AccessKind.Fetch ? AlignmentCheckBit : 0));
    }

    // For the named accesses below, which the JIT then compiles to constants. The bits are a class and flags.
    private Access(byte bits) => _bits = bits;

    /// <summary>A load at CPL 3.</summary>
    public static Access UserRead => new(0);

    /// <summary>A store at CPL 3.</summary>
    public static Access UserWrite => new(1 | WriteBit);

    /// <summary>An instruction fetch at CPL 3.</summary>
    public static Access UserFetch => new(2);

    /// <summary>An explicit load at CPL 0 to 2 with EFLAGS.AC clear.</summary>
    public static Access SupervisorRead => new(4);

    /// <summary>An explicit store at CPL 0 to 2 with EFLAGS.AC clear.</summary>
    public static Access SupervisorWrite => new(5 | WriteBit);

    /// <summary>An instruction fetch at CPL 0 to 2.</summary>
    public static Access SupervisorFetch => new(3);

    /// <summary>What is done.</summary>
    public AccessKind Kind => IsFetch
        ? AccessKind.Fetch
        : (_bits & ReadModifyWriteBit) != 0 ? AccessKind.ReadModifyWrite : IsWrite ? AccessKind.Write : AccessKind.Read;

    /// <summary>On whose behalf it is done.</summary>
    public AccessMode Mode => IsUser
        ? AccessMode.User
        : (_bits & ImplicitBit) != 0 ? AccessMode.SupervisorImplicit : AccessMode.Supervisor;

    /// <summary>Whether it needs the right to write and sets the dirty flag: a write or a read-modify-write.</summary>
    public bool IsWrite => (_bits & WriteBit) != 0;

    /// <summary>Whether it is an instruction fetch.</summary>
    public bool IsFetch => Class is 2 or 3;

    /// <summary>Whether it is a data read: neither a write nor a fetch.</summary>
    public bool IsLoad => Class is 0 or 4 or 6;

    /// <summary>Whether it is a user-mode access. An implicit access is a supervisor access, even at CPL 3.</summary>
    public bool IsUser => Class <= 2;

    /// <summary>Whether it is an explicit supervisor data access with EFLAGS.AC set, which SMAP lets pass.</summary>
    internal bool OverridesSmap => Class is 6 or 7;

    /// <summary>
    /// The access as a processor sees it on which AC counts for implicit accesses too: an explicit one, if AC is set.
    /// </summary>
    internal Access HonouringAlignmentCheck =>
        (_bits & AlignmentCheckBit) != 0 ? new Access(Kind, AccessMode.Supervisor, alignmentCheck: true) : this;

    /// <summary>The read that begins a read-modify-write on a processor that makes it as a read and a write.</summary>
    internal Access AsRead => new(AccessKind.Read, Mode, OverridesSmap || (_bits & AlignmentCheckBit) != 0);

    /// <summary>The bit of D in a leaf entry if the access sets D, otherwise 0.</summary>
    internal ulong DirtyFlag => (ulong)_bits & WriteBit;

    /// <summary>Class of access, 0 to 7, as listed at the head of this file.</summary>
    internal int Class => _bits & 7;

    /// <summary>Eight times the class, in bits 5:0. Higher bits are not 0; a shift of a 64-bit word ignores them.</summary>
    internal int DeniedShift => _bits << 3;

    /// <summary>W/R, U/S and I/D of the error code of this access. The caller clears I/D where it is not reported.</summary>
    internal PageFaultErrorCode ErrorCode
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)] // a table load on every fault
        get
        {
            ReadOnlySpan<byte> byClass = [0x04, 0x06, 0x14, 0x10, 0x00, 0x02, 0x00, 0x02];
            return (PageFaultErrorCode)byClass[Class];
        }
    }
}

/// <summary>What an access does to the bytes it addresses.</summary>
public enum AccessKind : byte
{
    /// <summary>A data load.</summary>
    Read,

    /// <summary>A data store.</summary>
    Write,

    /// <summary>An instruction fetch.</summary>
    Fetch,

    /// <summary>A read-modify-write, locked or not: it is translated once, as a write, before anything is read.</summary>
    ReadModifyWrite,
}

/// <summary>On whose behalf an access is made (Intel SDM vol. 3, 4.6.1).</summary>
public enum AccessMode : byte
{
    /// <summary>An access of a program at CPL 3, virtual-8086 mode included.</summary>
    User,

    /// <summary>An access of a program at CPL 0 to 2, instruction fetches included.</summary>
    Supervisor,

    /// <summary>An access of the processor to a GDT, LDT, IDT or TSS, at any CPL. EFLAGS.AC does not let it past SMAP.</summary>
    SupervisorImplicit,
}
