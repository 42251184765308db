using BenchmarkDotNet.Running;

namespace X86Pae.Bench;

/// <summary>Running benchmarks without their runner.</summary>
internal static class DescriptorExtensions
{
    /// <summary>Creates an instance of a benchmark's class and sets it up.</summary>
    /// <param name="descriptor">The benchmark.</param>
    public static object CreateInstance(this Descriptor descriptor)
    {
        object instance = Activator.CreateInstance(descriptor.Type)!;
        descriptor.GlobalSetupMethod?.Invoke(instance, null);
        return instance;
    }
}
