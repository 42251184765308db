namespace X86Pae.Cli.Commands;

/// <summary>An enumeration with names for people.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
/// <param name="values">Names and values; the first is the default unless <see cref="Default"/> says otherwise.</param>
internal sealed class Choice<T>(params (string Name, T Value)[] values)
    where T : struct, Enum
{
    /// <summary>All names, as usage shows them.</summary>
    public string Names => string.Join('|', values.Select(value => value.Name));

    /// <summary>All names, as a sentence has them.</summary>
    public string Enumeration => $"{string.Join(", ", values.SkipLast(1).Select(value => value.Name))} or {values[^1].Name}";

    /// <summary>The default.</summary>
    public T Default { get; init; } = values[0].Value;

    /// <summary>The name of a value.</summary>
    /// <param name="value">The value.</param>
    public string NameOf(T value) => Array.Find(values, known => known.Value.Equals(value)).Name;

    /// <summary>The value of a name; null if there is none.</summary>
    /// <param name="name">The name.</param>
    public T? Find(string name)
    {
        int index = Array.FindIndex(values, known => known.Name == name);
        return index < 0 ? null : values[index].Value;
    }
}
