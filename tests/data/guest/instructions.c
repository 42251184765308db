/*
 * Computes with every instruction of the integer set that needs no privilege, and prints operands, results and the flags that are
 * defined. The same program runs on a processor under Linux, which gives the expected output, and as a flat binary:
 *
 *   F="-m32 -O1 -ffreestanding -fno-pic -no-pie -static -nostdlib -fno-stack-protector -fno-asynchronous-unwind-tables"
 *   F="$F -fomit-frame-pointer -Wl,--build-id=none"
 *   gcc $F -DNATIVE instructions.c -o instructions && ./instructions | gzip -9n > instructions.expected.gz
 *   gcc $F -Wl,--section-start=.start=0x10000 -Wl,-Ttext=0x10020 instructions.c -o instructions.elf
 *   objcopy -O binary instructions.elf instructions.bin
 */
enum { CF = 1, PF = 4, AF = 16, ZF = 64, SF = 128, OF = 2048, STATUS = CF | PF | AF | ZF | SF | OF, RESULT = PF | ZF | SF };
enum { ANY, CL7, CL15, CL31, NONZERO };

/* What an instruction works on: EAX, EBX, ECX, EDX, ESI, EDI, the flags, and memory from M on. */
struct state { unsigned v[24]; };
#define M "28(%%ebp)"

/* Operands of the three widths, as the assembler writes them. */
#define RR(X, name, op, mask, limit) \
    X(name##b_rr, op "b %%bl,%%al", mask, limit) X(name##w_rr, op "w %%bx,%%ax", mask, limit) \
    X(name##l_rr, op "l %%ebx,%%eax", mask, limit)
#define MR(X, name, op, mask) \
    X(name##b_mr, op "b %%bl," M, mask, ANY) X(name##w_mr, op "w %%bx," M, mask, ANY) X(name##l_mr, op "l %%ebx," M, mask, ANY)
#define RM(X, name, op, mask) \
    X(name##b_rm, op "b " M ",%%al", mask, ANY) X(name##w_rm, op "w " M ",%%ax", mask, ANY) \
    X(name##l_rm, op "l " M ",%%eax", mask, ANY)
#define MI(X, name, op, mask) \
    X(name##b_mi, op "b $-7," M, mask, ANY) X(name##w_mi, op "w $-7," M, mask, ANY) X(name##l_mi, op "l $-7," M, mask, ANY)
#define ONE(X, name, op, mask) \
    X(name##b_r, op "b %%bl", mask, ANY) X(name##w_r, op "w %%bx", mask, ANY) X(name##l_r, op "l %%ebx", mask, ANY) \
    X(name##b_m, op "b " M, mask, ANY) X(name##w_m, op "w " M, mask, ANY) X(name##l_m, op "l " M, mask, ANY)
#define ALU(X, name, mask) \
    RR(X, name, #name, mask, ANY) MR(X, name, #name, mask) RM(X, name, #name, mask) MI(X, name, #name, mask)
#define SHIFT(X, name, mask, b, w) \
    X(name##b_1, #name "b $1,%%al", mask | OF, ANY) X(name##w_1, #name "w $1," M, mask | OF, ANY) \
    X(name##l_1, #name "l $1,%%eax", mask | OF, ANY) X(name##b_cl, #name "b %%cl,%%al", mask, b) \
    X(name##w_cl, #name "w %%cl," M, mask, w) X(name##l_cl, #name "l %%cl,%%eax", mask, CL31)
#define BIT(X, name) \
    X(name##w_rr, #name "w %%bx,%%ax", CF, ANY) X(name##l_rr, #name "l %%ebx,%%eax", CF, ANY) \
    X(name##l_ri, #name "l $13,%%eax", CF, ANY) X(name##w_mi, #name "w $5," M, CF, ANY) \
    X(name##l_far, "lea 60(%%ebp),%%esi; mov $-200,%%eax; " #name "l %%eax,(%%esi); xor %%esi,%%esi; " #name "l $3,%%ebx", CF, ANY) \
    X(name##w_far, "lea 60(%%ebp),%%esi; mov $-200,%%eax; " #name "w %%ax,(%%esi); xor %%esi,%%esi; " #name "w $3,%%bx", CF, ANY)
#define STRING(X, s) \
    X(lods##s, "lea " M ",%%esi; lods" #s "; sub %%ebp,%%esi", 0, ANY) \
    X(stos##s, "lea " M ",%%edi; stos" #s "; sub %%ebp,%%edi", 0, ANY) \
    X(scas##s, "lea " M ",%%edi; mov $3,%%ecx; repne scas" #s "; mov $0,%%edi", STATUS, ANY) \
    X(cmps##s, "lea " M ",%%edi; lea 36(%%ebp),%%esi; mov $2,%%ecx; repe cmps" #s "; mov $0,%%edi; mov $0,%%esi", STATUS, ANY) \
    X(movs##s, "lea " M ",%%edi; lea 48(%%ebp),%%esi; mov $3,%%ecx; rep movs" #s "; sub %%ebp,%%esi; sub %%ebp,%%edi", 0, ANY) \
    X(movsback##s, "lea 36(%%ebp),%%edi; lea 32(%%ebp),%%esi; mov $2,%%ecx; std; rep movs" #s "; sub %%ebp,%%esi; sub %%ebp,%%edi", 0, ANY)
#define CONDITION(X, c) \
    X(set##c, "set" #c " %%bl", STATUS, ANY) X(j##c, "j" #c " 1f; mov $7,%%ecx; 1:", STATUS, ANY) \
    X(cmov##c, "cmov" #c " " M ",%%eax", STATUS, ANY)

#define INSTRUCTIONS(X) \
    ALU(X, add, STATUS) ALU(X, adc, STATUS) ALU(X, sub, STATUS) ALU(X, sbb, STATUS) ALU(X, cmp, STATUS) \
    ALU(X, and, STATUS & ~AF) ALU(X, or, STATUS & ~AF) ALU(X, xor, STATUS & ~AF) \
    RR(X, test, "test", STATUS & ~AF, ANY) MI(X, test, "test", STATUS & ~AF) \
    ONE(X, inc, "inc", STATUS) ONE(X, dec, "dec", STATUS) ONE(X, neg, "neg", STATUS) ONE(X, not, "not", STATUS) \
    ONE(X, mul, "mul", CF | OF) ONE(X, imul, "imul", CF | OF) \
    X(imul2w, "imulw %%bx,%%ax", CF | OF, ANY) X(imul2l, "imull " M ",%%eax", CF | OF, ANY) \
    X(imul3w, "imulw $-77,%%bx,%%ax", CF | OF, ANY) X(imul3l, "imull $1234," M ",%%eax", CF | OF, ANY) \
    X(divb, "and $0x0fff,%%eax; or $0x10,%%bl; div %%bl", 0, ANY) X(idivb, "cbw; or $0x10,%%bl; idiv %%bl", 0, ANY) \
    X(divw, "and $0xff,%%edx; or $0x100,%%ebx; div %%bx", 0, ANY) X(idivw, "cwd; or $0x100,%%ebx; idiv %%bx", 0, ANY) \
    X(divl, "and $0xff,%%edx; or $0x100,%%ebx; div %%ebx", 0, ANY) X(idivl, "cdq; or $0x100,%%ebx; idiv %%ebx", 0, ANY) \
    SHIFT(X, rol, CF | RESULT | AF, CL31, CL31) SHIFT(X, ror, CF | RESULT | AF, CL31, CL31) \
    SHIFT(X, rcl, CF | RESULT | AF, CL31, CL31) SHIFT(X, rcr, CF | RESULT | AF, CL31, CL31) \
    SHIFT(X, shl, CF | RESULT, CL7, CL15) SHIFT(X, shr, CF | RESULT, CL7, CL15) SHIFT(X, sar, CF | RESULT, CL31, CL31) \
    X(shldw, "shldw %%cl,%%bx,%%ax", CF | RESULT, CL15) X(shldl, "shldl %%cl,%%ebx," M, CF | RESULT, CL31) \
    X(shrdw, "shrdw %%cl,%%bx,%%ax", CF | RESULT, CL15) X(shrdl, "shrdl %%cl,%%ebx," M, CF | RESULT, CL31) \
    X(shldl_1, "shldl $1,%%ebx,%%eax", CF | OF | RESULT, ANY) X(shrdl_1, "shrdl $1,%%ebx,%%eax", CF | OF | RESULT, ANY) \
    BIT(X, bt) BIT(X, bts) BIT(X, btr) BIT(X, btc) \
    X(bsfw, "bsfw %%bx,%%ax", ZF, NONZERO) X(bsfl, "bsfl %%ebx,%%eax", ZF, NONZERO) \
    X(bsrw, "bsrw %%bx,%%ax", ZF, NONZERO) X(bsrl, "bsrl %%ebx,%%eax", ZF, NONZERO) X(bswap, "bswap %%ebx", STATUS, ANY) \
    MR(X, xchg, "xchg", STATUS) MR(X, xadd, "lock xadd", STATUS) RR(X, xadd, "xadd", STATUS, ANY) \
    MR(X, cmpxchg, "mov %%ecx,%%eax; and $1,%%edx; cmovz " M ",%%eax; lock cmpxchg", STATUS) RR(X, cmpxchg, "cmpxchg", STATUS, ANY) \
    X(cmpxchg8b, "cmpxchg8b " M, STATUS, ANY) X(cmpxchg8b_equal, "mov " M ",%%eax; mov 32(%%ebp),%%edx; cmpxchg8b " M, STATUS, ANY) \
    STRING(X, b) STRING(X, w) STRING(X, l) \
    CONDITION(X, o) CONDITION(X, no) CONDITION(X, b) CONDITION(X, ae) CONDITION(X, e) CONDITION(X, ne) CONDITION(X, be) \
    CONDITION(X, a) CONDITION(X, s) CONDITION(X, ns) CONDITION(X, p) CONDITION(X, np) CONDITION(X, l) CONDITION(X, ge) \
    CONDITION(X, le) CONDITION(X, g) \
    X(movzbl, "movzbl %%bl,%%eax", STATUS, ANY) X(movsbl, "movsbl %%bh,%%eax", STATUS, ANY) X(movswl, "movswl " M ",%%eax", STATUS, ANY) \
    X(movsbw, "movsbw %%bh,%%ax", STATUS, ANY) X(movzbw, "movzbw " M ",%%ax", STATUS, ANY) X(movzwl, "movzwl %%bx,%%eax", STATUS, ANY) \
    X(cbw, "cbw", STATUS, ANY) X(cwde, "cwde", STATUS, ANY) X(cwd, "cwd", STATUS, ANY) X(cdq, "cdq", STATUS, ANY) \
    X(daa, "daa", CF | AF | RESULT, ANY) X(das, "das", CF | AF | RESULT, ANY) X(aaa, "aaa", CF | AF, ANY) X(aas, "aas", CF | AF, ANY) \
    X(aam, "aam", RESULT, ANY) X(aad, "aad", RESULT, ANY) X(aam7, "aam $7", RESULT, ANY) X(aad7, "aad $7", RESULT, ANY) \
    X(lahf, "lahf", STATUS, ANY) X(sahf, "sahf", STATUS, ANY) X(cmc, "cmc", STATUS, ANY) X(stc, "stc", STATUS, ANY) \
    X(clc, "clc", STATUS, ANY) X(salc, ".byte 0xd6", STATUS, ANY) X(popf, "push %%ebx; andl $0x8d5,(%%esp); popf", STATUS, ANY) \
    X(xlat, "lea " M ",%%ebx; and $7,%%al; xlat; mov $0,%%ebx", STATUS & ~AF, ANY) \
    X(lea, "lea 5(%%ebx,%%ecx,4),%%eax", STATUS, ANY) X(leaw, "lea -128(,%%edx,8),%%ax", STATUS, ANY) \
    X(lea16, ".byte 0x67,0x8d,0x40,0x10", STATUS, ANY) \
    X(loop, "and $3,%%ecx; inc %%ecx; mov $0,%%eax; 1: inc %%eax; loop 1b", 0, ANY) \
    X(loope, "and $3,%%ecx; inc %%ecx; mov $0,%%eax; 1: inc %%eax; cmp $2,%%eax; loope 1b", STATUS, ANY) \
    X(loopne, "and $3,%%ecx; inc %%ecx; mov $0,%%eax; 1: inc %%eax; cmp $2,%%eax; loopne 1b", STATUS, ANY) \
    X(jecxz, "and $1,%%ecx; jecxz 1f; mov $9,%%eax; 1:", 0, ANY) X(jcxz, "and $~1,%%cl; jcxz 1f; mov $9,%%eax; 1:", 0, ANY) \
    X(pushw, "pushw %%bx; pushw $0x1234; pop %%eax", STATUS, ANY) X(pushb, "push $-3; pop %%eax", STATUS, ANY) \
    X(popm, "push %%ebx; popl " M, STATUS, ANY) X(pushm, "pushl " M "; pop %%ecx", STATUS, ANY) X(pushaw, "pushaw; popaw", STATUS, ANY) \
    X(enter, "mov %%ebp,%%esi; enter $16,$0; leave; cmp %%ebp,%%esi; mov $0,%%esi", ZF, ANY) \
    X(call, "call 1f; jmp 2f; 1: mov $5,%%eax; ret; 2:", 0, ANY) \
    X(callr, "mov $1f,%%eax; push %%ecx; call *%%eax; jmp 2f; 1: mov $6,%%eax; ret $4; 2:", 0, ANY) \
    X(jmpr, "mov $1f,%%esi; jmp *%%esi; mov $3,%%ecx; 1: mov $0,%%esi", 0, ANY) \
    X(bound, "mov $5,%%eax; movl $-9," M "; movl $9,32(%%ebp); bound %%eax," M, 0, ANY)

#define FUNCTION(name, text, mask, limit) \
    static void do_##name(struct state *s) { __asm__ volatile( \
        "pushal; movl %0,%%ebp; movl (%%ebp),%%eax; movl 4(%%ebp),%%ebx; movl 8(%%ebp),%%ecx; movl 12(%%ebp),%%edx;" \
        "movl 16(%%ebp),%%esi; movl 20(%%ebp),%%edi; pushl 24(%%ebp); popfl;" text "; pushfl; popl 24(%%ebp); cld;" \
        "movl %%eax,(%%ebp); movl %%ebx,4(%%ebp); movl %%ecx,8(%%ebp); movl %%edx,12(%%ebp);" \
        "movl %%esi,16(%%ebp); movl %%edi,20(%%ebp); popal" : : "r"(s) : "memory", "cc"); }
INSTRUCTIONS(FUNCTION)

#define ENTRY(name, text, mask, limit) { #name, do_##name, mask, limit },
static const struct { const char *name; void (*run)(struct state *); unsigned mask; int limit; } table[] = { INSTRUCTIONS(ENTRY) };

#ifdef NATIVE
static char buffer[65536];
static int used;
static void flush(void) { __asm__ volatile("int $0x80" : : "a"(4), "b"(1), "c"(buffer), "d"(used) : "memory"); used = 0; }
static void put(char c) { buffer[used++] = c; if (used == sizeof buffer) flush(); }
static void end(void) { flush(); __asm__ volatile("int $0x80" : : "a"(1), "b"(0)); }
#else
__attribute__((section(".start"))) void entry(void) { __asm__ volatile("movl $0x300000,%esp; jmp _start"); }
static void put(char c) { __asm__ volatile("outb %%al,$0xe9" : : "a"(c)); }
static void end(void) { __asm__ volatile("outb %%al,$0xf4" : : "a"(0)); for (;;); }
#endif

static void print(unsigned value)
{
    put(' ');
    for (int shift = 28; shift >= 0; shift -= 4)
        put("0123456789abcdef"[(value >> shift) & 15]);
}

static unsigned seed = 12345;

static unsigned draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    return seed ^= seed << 5;
}

static unsigned value(void)
{
    static const unsigned edges[] =
        { 0, 1, 0xf, 0x10, 0x7f, 0x80, 0x99, 0x9a, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff };
    switch (draw() & 3) {
    case 0: return edges[draw() % (sizeof edges / sizeof *edges)];
    case 1: return draw() & 0xff;
    default: return draw();
    }
}

static void run(unsigned number, int round)
{
    struct state before, after;
    for (int i = 0; i < 24; i++)
        before.v[i] = value();
    if (round == 0)
        before.v[1] = before.v[7] = before.v[0];
    before.v[6] = 2 | (draw() & STATUS);
    switch (table[number].limit) {
    case CL7: before.v[2] &= ~0xf8u; break;
    case CL15: before.v[2] &= ~0xf0u; break;
    case NONZERO: before.v[1] |= 0x1000; break;
    }
    after = before;
    table[number].run(&after);
    for (const char *c = table[number].name; *c; c++)
        put(*c);
    for (int i = 0; i < 4; i++)
        print(before.v[i]);
    print(before.v[6]);
    print(before.v[7]);
    put(' ');
    put('=');
    for (int i = 0; i < 24; i++)
        if (i < 4 || (i != 6 && after.v[i] != before.v[i]))
            print(after.v[i]);
    print(after.v[6] & table[number].mask);
    put('\n');
}

void _start(void)
{
    for (unsigned number = 0; number < sizeof table / sizeof *table; number++)
        for (int round = 0; round < 10; round++)
            run(number, round);
    end();
}
