using System.CommandLine;

namespace X86Pae.Cli.Commands;

/// <summary>An option whose value is one of a few names.</summary>
/// <typeparam name="T">What the names stand for.</typeparam>
/// <remarks>The parser sees names, so that help shows the default as it is written; enumerations it would take by number too.</remarks>
internal sealed class ChoiceOption<T> : Option<string>
    where T : struct, Enum
{
    private readonly Choice<T> _choice;

    /// <summary>Creates the option.</summary>
    /// <param name="name">Its name, with the dashes.</param>
    /// <param name="choice">Names and values.</param>
    /// <param name="description">What is chosen.</param>
    public ChoiceOption(string name, Choice<T> choice, string description)
        : base(name)
    {
        _choice = choice;
        HelpName = choice.Names;
        Description = description;
        DefaultValueFactory = _ => choice.NameOf(choice.Default);
        Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }, ..] && choice.Find(text) is null)
            {
                result.AddError($"{name} is '{text}', not {choice.Enumeration}.");
            }
        });
    }

    /// <summary>What was chosen.</summary>
    /// <param name="arguments">The parsed command line.</param>
    public T ValueOf(ParseResult arguments) => _choice.Find(arguments.GetRequiredValue(this))!.Value;
}

/// <summary>An enumeration with names for people.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
/// <param name="values">Names and values; the first is the default unless <see cref="Default"/> says otherwise.</param>
internal sealed class Choice<T>(params (string Name, T Value)[] values)
    where T : struct, Enum
{
    /// <summary>Takes all values of the enumeration in their order.</summary>
    /// <param name="nameOf">The name of a value.</param>
    public static Choice<T> Of(Func<T, string> nameOf) => new([.. Enum.GetValues<T>().Select(value => (nameOf(value), value))]);

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
