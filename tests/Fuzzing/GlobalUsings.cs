global using X86Pae.Specification;
