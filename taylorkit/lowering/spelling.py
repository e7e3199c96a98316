"""How one instruction is spelled in LLVM's language: a table a form, and the words that go into it."""

import struct
from dataclasses import dataclass

from taylorkit.lowering.elementary import FAR

# Products and sums may fuse; nothing else may change.
FUSED = "contract"
SIMPLE = {
    "add": f"fadd {FUSED} {{v}} {{0}}, {{1}}",
    "sub": f"fsub {FUSED} {{v}} {{0}}, {{1}}",
    "mul": f"fmul {FUSED} {{v}} {{0}}, {{1}}",
    "div": "fdiv {v} {0}, {1}",
    "neg": "fneg {v} {0}",
    "select": "select {t} {0}, {result} {1}, {result} {2}",
    "and": "and {t} {0}, {1}",
    "or": "or {t} {0}, {1}",
    "xor": "xor {t} {0}, {1}",
    "not": "xor {t} {0}, splat (i1 true)",
    "eq": "fcmp oeq {v} {0}, {1}",
    "ne": "fcmp une {v} {0}, {1}",
    "lt": "fcmp olt {v} {0}, {1}",
    "le": "fcmp ole {v} {0}, {1}",
    "gt": "fcmp ogt {v} {0}, {1}",
    "ge": "fcmp oge {v} {0}, {1}",
}
# LLVM's own, and how many numbers they take.
INTRINSICS = {
    "sqrt": ("sqrt", 1),
    "abs": ("fabs", 1),
    "floor": ("floor", 1),
    "ceil": ("ceil", 1),
    "trunc": ("trunc", 1),
    "round": ("round", 1),
    "roundeven": ("roundeven", 1),
    "max": ("maximum", 2),
    "min": ("minimum", 2),
    "copysign": ("copysign", 2),
    "fma": ("fma", 3),
}
# What takes several instructions, or a branch: {d} is the place of the result.
SEVERAL = {
    "odd": """
  %b{d} = bitcast {v} {0} to {i}
  %l{d} = and {i} %b{d}, splat ({w} 1)
  %v{d} = icmp ne {i} %l{d}, zeroinitializer""",
    "flip": """
  %b{d} = bitcast {v} {1} to {i}
  %l{d} = and {i} %b{d}, splat ({w} 2)
  %h{d} = shl {i} %l{d}, splat ({w} {top})
  %x{d} = bitcast {v} {0} to {i}
  %f{d} = xor {i} %x{d}, %h{d}
  %v{d} = bitcast {i} %f{d} to {v}""",
    "signed": """
  %b{d} = bitcast {v} {1} to {i}
  %l{d} = and {i} %b{d}, splat ({w} {least})
  %x{d} = bitcast {v} {0} to {i}
  %f{d} = xor {i} %x{d}, %l{d}
  %v{d} = bitcast {i} %f{d} to {v}""",
    # Masked, all lanes, with the rounding that is set.
    "scale 512": """
  %v{d} = call {v} @llvm.x86.avx512.mask.scalef.pd.512({v} {0}, {v} {1}, {v} zeroinitializer, i8 -1, i32 4)""",
    # By the two halves of n: 2^h has the bits of h + 1023, moved to where exponents stand.
    "scale 256": """
  %q{d} = fmul {v} {1}, splat ({real} 0.5)
  %h{d} = call {v} @llvm.floor.{s}({v} %q{d})
  %l{d} = fsub {v} {1}, %h{d}
  %m{d} = fadd {v} %h{d}, splat ({real} {magic})
  %o{d} = fadd {v} %l{d}, splat ({real} {magic})
  %mb{d} = bitcast {v} %m{d} to {i}
  %ob{d} = bitcast {v} %o{d} to {i}
  %ms{d} = shl {i} %mb{d}, splat ({w} 52)
  %os{d} = shl {i} %ob{d}, splat ({w} 52)
  %mp{d} = bitcast {i} %ms{d} to {v}
  %op{d} = bitcast {i} %os{d} to {v}
  %x{d} = fmul {v} {0}, %mp{d}
  %v{d} = fmul {v} %x{d}, %op{d}""",
    "beyond": """
  %b{d} = call {v} @llvm.fabs.{s}({v} {0})
  %l{d} = fcmp ogt {v} %b{d}, splat ({real} {far})
  %x{d} = bitcast {t} %l{d} to i{lanes}
  %f{d} = icmp ne i{lanes} %x{d}, 0
  br label %near{d}
near{d}:
  br i1 %f{d}, label %far{d}, label %on{d}, !prof !1
far{d}:
  %h{d} = call {v} @{name}({v} {0}, {v} {1})
  br label %on{d}
on{d}:
  %v{d} = phi {v} [{1}, %near{d}], [%h{d}, %far{d}]""",
}
# The C library's routines of two numbers, and whose routines are called beyond FAR.
TWO = frozenset(["pow", "atan2"])
BEYOND = {"beyond_sin": "sin", "beyond_cos": "cos"}


@dataclass(frozen=True)
class Spelling:
    """Vectors of so many `lanes` of reals of `size` bytes; what stands before the names of vector routines."""

    lanes: int
    size: int
    prefix: str

    @property
    def real(self) -> str:
        return {4: "float", 8: "double"}[self.size]

    @property
    def vector(self) -> str:
        return f"<{self.lanes} x {self.real}>"

    @property
    def truths(self) -> str:
        return f"<{self.lanes} x i1>"

    @property
    def suffix(self) -> str:
        return f"v{self.lanes}f{8 * self.size}"

    def routine(self, name: str) -> str:
        form, end = "vv" if name in TWO else "v", "f" if self.size == 4 else ""
        return f"{self.prefix}N{self.lanes}{form}_{name}{end}"

    def declarations(self, routines: list[str]) -> list[str]:
        """Of LLVM's own, of the C library's routines, and what these compute where ours do not reach."""
        names = [(f"llvm.{name}.{self.suffix}", many) for name, many in INTRINSICS.values()]
        names += [(self.routine(name), 2 if name in TWO else 1) for name in routines]
        found = [f"declare {self.vector} @{name}({', '.join([self.vector] * many)})" for name, many in names]
        if self.lanes * self.size == 64:
            v = "<8 x double>"
            found.append(f"declare {v} @llvm.x86.avx512.mask.scalef.pd.512({v}, {v}, {v}, i8, i32)")
        return found + [self._beyond(name) for name, called in BEYOND.items() if called in routines]

    def _beyond(self, name: str) -> str:
        """The routine's results in the lanes that are far."""
        v = self.vector
        return f"""
define internal {v} @{name}({v} %x, {v} %near) noinline cold {{
  %size = call {v} @llvm.fabs.{self.suffix}({v} %x)
  %far = fcmp ogt {v} %size, splat ({self.real} {FAR})
  %there = call {v} @{self.routine(BEYOND[name])}({v} %x)
  %both = select {self.truths} %far, {v} %there, {v} %near
  ret {v} %both
}}"""

    def instruction(self, place: int, operation: str, values: list[str], truth: bool) -> str:
        """The lines that give %v<place> its value."""
        bits = 8 * self.size
        words = {"v": self.vector, "t": self.truths, "i": f"<{self.lanes} x i{bits}>", "w": f"i{bits}", "d": place}
        if operation in SIMPLE:
            return f"  %v{place} = " + SIMPLE[operation].format(
                *values, result=self.truths if truth else self.vector, **words
            )
        form = {"scale": f"scale {bits * self.lanes}", **dict.fromkeys(BEYOND, "beyond")}.get(operation, operation)
        if form in SEVERAL:
            numbers = {
                "s": self.suffix,
                "lanes": self.lanes,
                "top": bits - 2,
                "least": -(2 ** (bits - 1)),
                "far": FAR,
                "magic": 1.5 * 2.0**52 + 1023,
            }
            return SEVERAL[form].format(*values, real=self.real, name=operation, **words, **numbers).lstrip("\n")
        own = operation in INTRINSICS
        name = f"llvm.{INTRINSICS[operation][0]}.{self.suffix}" if own else self.routine(operation)
        return f"  %v{place} = call {self.vector} @{name}({', '.join(f'{self.vector} {v}' for v in values)})"


def spelled(value: float, size: int) -> str:
    """A number exactly, as LLVM reads it: the bits of a double, whichever the type."""
    if size == 4:
        (value,) = struct.unpack("<f", struct.pack("<f", value))
    return f"0x{struct.pack('>d', value).hex().upper()}"
