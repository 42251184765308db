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
