// With a REP prefix each iteration is one step of the processor: the registers hold its progress, and EIP stays on the
// instruction until the last one. So a fault, a trap or the end of the run comes between two iterations, and the instruction
// continues from there, as on a real processor.

using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;
using X86Pae.Samples.Processor.Segments;

namespace X86Pae.Samples.Processor.Instructions;

/// <summary>MOVS, STOS, LODS, CMPS, SCAS, INS, OUTS.</summary>
internal sealed class Strings
{
    private readonly CpuState _state;
    private readonly SegmentedMemory _memory;
    private readonly TaskStateSegment _task;
    private readonly PortBus _ports;

    public Strings(CpuState state, SegmentedMemory memory, TaskStateSegment task, PortBus ports, InstructionTable table)
    {
        _state = state;
        _memory = memory;
        _task = task;
        _ports = ports;
        Add(table, Move, Mnemonic.Movsb, Mnemonic.Movsw, Mnemonic.Movsd);
        Add(table, Store, Mnemonic.Stosb, Mnemonic.Stosw, Mnemonic.Stosd);
        Add(table, Load, Mnemonic.Lodsb, Mnemonic.Lodsw, Mnemonic.Lodsd);
        Add(table, Compare, Mnemonic.Cmpsb, Mnemonic.Cmpsw, Mnemonic.Cmpsd);
        Add(table, Scan, Mnemonic.Scasb, Mnemonic.Scasw, Mnemonic.Scasd);
        Add(table, Input, Mnemonic.Insb, Mnemonic.Insw, Mnemonic.Insd);
        Add(table, Output, Mnemonic.Outsb, Mnemonic.Outsw, Mnemonic.Outsd);
    }

    private delegate bool Iteration(in Instruction instruction, int size);

    private void Add(InstructionTable table, Iteration iteration, params ReadOnlySpan<Mnemonic> mnemonics)
    {
        for (int i = 0; i < mnemonics.Length; i++)
        {
            int size = 1 << i;
            table[mnemonics[i]] = (in Instruction instruction) => Repeat(instruction, size, iteration);
        }
    }

    private bool Repeat(in Instruction instruction, int size, Iteration iteration)
    {
        // SSE2 has a MOVSD and a CMPSD of its own.
        if (!instruction.IsStringInstruction)
        {
            return _state.Raise(GuestException.UndefinedOpcode);
        }

        if (!instruction.HasRepPrefix && !instruction.HasRepnePrefix)
        {
            return iteration(instruction, size);
        }

        uint mask = AddressMask(instruction);
        uint left = _state.Ecx & mask;
        if (left == 0)
        {
            return true;
        }

        if (!iteration(instruction, size))
        {
            return false;
        }

        Advance(ref _state.Ecx, uint.MaxValue, mask);
        bool compares = instruction.Mnemonic is Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd
            or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd;
        if (left > 1 && (!compares || _state.Has(Eflags.Zero) == instruction.HasRepePrefix))
        {
            _state.NextEip = _state.Eip;
        }

        return true;
    }

    // The source may be in any segment, the destination is in ES. Both registers move after the last access that can fault.
    private bool Move(in Instruction instruction, int size)
    {
        if (!TryReadSource(instruction, size, out uint value)
            || !_memory.TryWrite(Register.ES, Destination(instruction), size, value))
        {
            return false;
        }

        AdvanceSource(instruction, size);
        AdvanceDestination(instruction, size);
        return true;
    }

    private bool Store(in Instruction instruction, int size)
    {
        if (!_memory.TryWrite(Register.ES, Destination(instruction), size, _state.Eax))
        {
            return false;
        }

        AdvanceDestination(instruction, size);
        return true;
    }

    private bool Load(in Instruction instruction, int size)
    {
        if (!TryReadSource(instruction, size, out uint value))
        {
            return false;
        }

        _state.Write(Accumulator(size), value);
        AdvanceSource(instruction, size);
        return true;
    }

    private bool Compare(in Instruction instruction, int size)
    {
        if (!TryReadSource(instruction, size, out uint left)
            || !_memory.TryRead(Register.ES, Destination(instruction), size, out uint right))
        {
            return false;
        }

        SetFlags(left, right, size);
        AdvanceSource(instruction, size);
        AdvanceDestination(instruction, size);
        return true;
    }

    private bool Scan(in Instruction instruction, int size)
    {
        if (!_memory.TryRead(Register.ES, Destination(instruction), size, out uint right))
        {
            return false;
        }

        SetFlags(_state.Read(Accumulator(size)), right, size);
        AdvanceDestination(instruction, size);
        return true;
    }

    private bool Input(in Instruction instruction, int size)
    {
        // Reading a device may have side effects, so the store is checked first.
        var port = (ushort)_state.Edx;
        uint destination = Destination(instruction);
        if (!_task.TryAllowPorts(port, size) || !_memory.TryProbeWrite(Register.ES, destination, size)
            || !_memory.TryWrite(Register.ES, destination, size, _ports.Read(port, size)))
        {
            return false;
        }

        AdvanceDestination(instruction, size);
        return true;
    }

    private bool Output(in Instruction instruction, int size)
    {
        var port = (ushort)_state.Edx;
        if (!_task.TryAllowPorts(port, size) || !TryReadSource(instruction, size, out uint value))
        {
            return false;
        }

        _ports.Write(port, size, value);
        AdvanceSource(instruction, size);
        return true;
    }

    private static Register Accumulator(int size) => size switch { 1 => Register.AL, 2 => Register.AX, _ => Register.EAX };

    /// <summary>The mask of ESI, EDI and ECX. With an address-size prefix their upper halves are neither used nor changed.</summary>
    private static uint AddressMask(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) is OpKind.MemorySegSI or OpKind.MemoryESDI)
            {
                return ushort.MaxValue;
            }
        }

        return uint.MaxValue;
    }

    private static void Advance(ref uint register, uint distance, uint mask) =>
        register = (register & ~mask) | ((register + distance) & mask);

    private bool TryReadSource(in Instruction instruction, int size, out uint value) =>
        _memory.TryRead(instruction.MemorySegment, _state.Esi & AddressMask(instruction), size, out value);

    private uint Destination(in Instruction instruction) => _state.Edi & AddressMask(instruction);

    private void AdvanceSource(in Instruction instruction, int size) =>
        Advance(ref _state.Esi, Distance(size), AddressMask(instruction));

    private void AdvanceDestination(in Instruction instruction, int size) =>
        Advance(ref _state.Edi, Distance(size), AddressMask(instruction));

    private uint Distance(int size) => (uint)(_state.Has(Eflags.Direction) ? -size : size);

    private void SetFlags(uint left, uint right, int size)
    {
        Eflags flags = _state.Flags;
        _ = Alu.Subtract(left, right, 0, size, ref flags);
        _state.Flags = flags;
    }
}
