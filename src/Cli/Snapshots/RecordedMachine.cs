using System.Globalization;
using System.Text.Json;
using X86Pae.Cli.Input;

namespace X86Pae.Cli.Snapshots;

/// <summary>What machine.json says of the machine.</summary>
/// <param name="MaxPhyAddr">MAXPHYADDR, 32 to 52.</param>
/// <param name="Cpus">Its processors, at least one.</param>
internal sealed record RecordedMachine(int MaxPhyAddr, IReadOnlyList<RecordedCpu> Cpus)
{
    /// <summary>Reads machine.json.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UserErrorException">It cannot be read, or is not what it should be.</exception>
    public static RecordedMachine Read(string path)
    {
        MachineDocument document = Deserialize(path) ?? throw new UserErrorException($"{path}: the document is null");
        if (document.MaxPhyAddr is not (>= 32 and <= 52))
        {
            throw new UserErrorException($"{path}: maxphyaddr should be a number from 32 to 52");
        }

        if (document.Cpus is not { Length: > 0 })
        {
            throw new UserErrorException($"{path}: cpus should be a list of at least one processor");
        }

        RecordedCpu[] cpus = [.. document.Cpus.Select((cpu, index) => Convert(path, cpu, index))];
        RecordedCpu? repeated = cpus.GroupBy(cpu => cpu.Number).FirstOrDefault(group => group.Count() > 1)?.First();
        return repeated is null
            ? new RecordedMachine(document.MaxPhyAddr.Value, cpus)
            : throw new UserErrorException($"{path}: cpu {repeated.Number} is listed twice");
    }

    private static MachineDocument? Deserialize(string path)
    {
        using InputFile file = InputFile.Open(path);
        try
        {
            return JsonSerializer.Deserialize(file, MachineJsonContext.Default.MachineDocument);
        }
        catch (JsonException e)
        {
            string where = e.Path is null or "$" ? string.Empty : $" at {e.Path}";
            throw new UserErrorException($"{path}:{(e.LineNumber ?? 0) + 1}: not JSON, or a value of the wrong type{where}", e);
        }
    }

    private static RecordedCpu Convert(string path, CpuDocument? cpu, int index)
    {
        return new RecordedCpu(
            cpu?.Cpu is >= 0 and int number
                ? number
                : throw new UserErrorException($"{path}: cpus[{index}].cpu should be the number of the processor"),
            (uint)Register("cr0", cpu.Cr0, uint.MaxValue),
            (uint)Register("cr3", cpu.Cr3, uint.MaxValue),
            (uint)Register("cr4", cpu.Cr4, uint.MaxValue),
            Register("efer", cpu.Efer, ulong.MaxValue));

        ulong Register(string name, string? text, ulong max) =>
            text is not null && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            && value <= max
                ? value
                : throw new UserErrorException($"{path}: cpus[{index}].{name} should be a hexadecimal string, 0x0 to 0x{max:x}");
    }
}
