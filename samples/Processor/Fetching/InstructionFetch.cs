// The bytes of an instruction are read by fetch accesses at the current privilege.
//
//   An instruction that ends in the page where it begins must not fault because of the next page. So near the end of a page
//   it is decoded from the bytes of that page, and the next page is read only if the decoder reports that bytes are missing.
//   A fault then is on the first byte of the next page.

using System.Runtime.InteropServices;
using Iced.Intel;
using X86Pae.Samples.Processor.Accesses;
using X86Pae.Samples.Processor.Registers;

namespace X86Pae.Samples.Processor.Fetching;

/// <summary>Fetches and decodes the next instruction.</summary>
internal sealed class InstructionFetch
{
    private const uint PageSize = 4096;
    private const int WindowSize = 16;

    // Later processors gave new meanings to encodings that this processor decodes as older instructions.
    private const DecoderOptions Options = DecoderOptions.ForceReservedNop | DecoderOptions.NoMPFX_0FBC
        | DecoderOptions.NoMPFX_0FBD | DecoderOptions.NoWbnoinvd;

    private readonly CpuState _state;
    private readonly LinearMemory _memory;
    private readonly InstructionBytes _bytes = new();
    private readonly Decoder _decoder;
    private readonly DecodedInstructions _decoded = new();

    /// <summary>Creates the unit.</summary>
    /// <param name="state">Holds CS, EIP and privilege.</param>
    /// <param name="memory">Holds the code.</param>
    public InstructionFetch(CpuState state, LinearMemory memory)
    {
        _state = state;
        _memory = memory;
        _decoder = Decoder.Create(32, _bytes, Options);
    }

    /// <summary>The instruction that was fetched last.</summary>
    public ref readonly Instruction Current => ref _decoded[_state.Eip];

    /// <summary>Fetches the instruction at CS:EIP and sets NextEip to the address behind it.</summary>
    /// <returns>False for #PF, #GP (beyond the limit, or too long) and #UD.</returns>
    public bool TryFetch()
    {
        ref readonly SegmentRegister code = ref _state.Segment(Register.CS);
        uint linear = code.Base + _state.Eip;
        bool fetched = linear % PageSize <= PageSize - WindowSize ? TryFetchWithinPage(linear) : TryFetchAtEndOfPage(linear);
        if (!fetched)
        {
            return false;
        }

        uint length = (uint)Current.Length;
        _state.NextEip = _state.Eip + length;
        return code.Contains(_state.Eip, length) || _state.Raise(GuestException.GeneralProtection);
    }

    private bool TryFetchWithinPage(uint linear)
    {
        if (!_memory.TryRead(linear, _state.Accesses.Fetch, out UInt128 window))
        {
            return false;
        }

        if (_decoded.Holds(_state.Eip, window))
        {
            return true;
        }

        MemoryMarshal.Write(_bytes.Begin(WindowSize), in window);
        return TryAccept(Decode(out Instruction instruction), window, instruction);
    }

    private bool TryFetchAtEndOfPage(uint linear)
    {
        int inPage = (int)(PageSize - (linear % PageSize));
        if (!_memory.TryRead(linear, _state.Accesses.Fetch, _bytes.Begin(inPage)))
        {
            return false;
        }

        DecoderError error = Decode(out Instruction instruction);
        if (error == DecoderError.NoMoreBytes && inPage < InstructionBytes.MaxLength)
        {
            Span<byte> rest = _bytes.Extend(InstructionBytes.MaxLength - inPage);
            if (!_memory.TryRead(linear + (uint)inPage, _state.Accesses.Fetch, rest))
            {
                return false;
            }

            error = Decode(out instruction);
        }

        return TryAccept(error, _bytes.AsWindow(), instruction);
    }

    private DecoderError Decode(out Instruction instruction)
    {
        _decoder.IP = _state.Eip;
        _decoder.Decode(out instruction);
        return _decoder.LastError;
    }

    private bool TryAccept(DecoderError error, UInt128 window, in Instruction instruction)
    {
        if (error == DecoderError.None)
        {
            _decoded.Put(_state.Eip, window, instruction);
            return true;
        }

        // The decoder gives no reason after 15 bytes, but an instruction of that many bytes is too long, not unknown.
        bool isTooLong = instruction.Length == InstructionBytes.MaxLength;
        return _state.Raise(isTooLong ? GuestException.GeneralProtection : GuestException.UndefinedOpcode);
    }
}
