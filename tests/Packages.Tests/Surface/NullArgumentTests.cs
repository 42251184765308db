using System.Reflection;
using System.Runtime.CompilerServices;
using X86Pae.Kmap.Kernel;
using X86Pae.Lab.Comparison;
using X86Pae.Paging;
using X86Pae.Reference;
using X86Pae.Timing;

namespace X86Pae.Packages.Tests.Surface;

/// <summary>Every public constructor and method refuses a null that its signature does not allow, by the name of the parameter.</summary>
/// <remarks>
/// Left out are records, which hold what they are given, overrides, methods that do nothing, signatures that reflection cannot call
/// (those with spans and other by-reference types), and type parameters of which <see cref="Samples"/> has none.
/// </remarks>
public sealed class NullArgumentTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly[] Libraries =
    [
        typeof(PageWalker).Assembly, typeof(CpuModel).Assembly, typeof(GuestKernel).Assembly, typeof(Workload).Assembly,
        typeof(Conformance).Assembly,
    ];

    public static TheoryData<string, string> Parameters
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((MethodBase method, ParameterInfo parameter) in Nullables())
            {
                data.Add(Describe(method), parameter.Name!);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Member_NullWhereNoneIsAllowed_NamesTheParameter(string member, string parameter)
    {
        (MethodBase method, ParameterInfo refused) =
            Nullables().Single(pair => Describe(pair.Method) == member && pair.Parameter.Name == parameter);
        object?[] arguments =
            [.. method.GetParameters().Select(each => each == refused || IsOptional(each) ? null : Samples.Of(each.ParameterType))];
        object? instance = method.IsStatic || method is ConstructorInfo ? null : Samples.Of(method.DeclaringType!);

        var thrown = Assert.Throws<TargetInvocationException>(
            () => method is ConstructorInfo constructor ? constructor.Invoke(arguments) : method.Invoke(instance, arguments));

        Assert.Equal(parameter, Assert.IsType<ArgumentNullException>(thrown.InnerException).ParamName);
    }

    private static IEnumerable<(MethodBase Method, ParameterInfo Parameter)> Nullables()
    {
        var context = new NullabilityInfoContext();
        return
            from type in Libraries.SelectMany(library => library.GetExportedTypes())
            where !type.IsInterface && !typeof(Delegate).IsAssignableFrom(type) && type.GetMethod("PrintMembers", (BindingFlags)(-1)) is null
            from method in Samples.Close(type).GetMembers(Declared).OfType<MethodBase>()
            where !method.IsDefined(typeof(CompilerGeneratedAttribute)) && !IsOverride(method) && !IsEmpty(method)
            let callable = Samples.Close(method)
            where callable is not null && callable.GetParameters().All(parameter => !IsByReferenceLike(parameter.ParameterType))
            from parameter in callable.GetParameters()
            where !parameter.ParameterType.IsValueType && !parameter.ParameterType.IsByRef
                && context.Create(parameter).WriteState == NullabilityState.NotNull
            select (callable, parameter);
    }

    private static bool IsOptional(ParameterInfo parameter) => parameter is { HasDefaultValue: true, ParameterType.IsValueType: false };

    // An implementation with nothing to do has nothing to refuse.
    private static bool IsEmpty(MethodBase method) => method.GetMethodBody()?.GetILAsByteArray() is { Length: <= 2 };

    private static bool IsOverride(MethodBase method) =>
        method is MethodInfo { IsVirtual: true } info && info.GetBaseDefinition() != info;

    private static bool IsByReferenceLike(Type type) => (type.IsByRef ? type.GetElementType()! : type).IsByRefLike;

    private static string Describe(MethodBase method) =>
        $"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", method.GetParameters().Select(each => each.ParameterType.Name))})";
}
