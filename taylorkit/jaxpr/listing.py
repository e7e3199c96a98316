"""A computation in words: what goes in, one line an equation, what comes out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from textwrap import indent


@dataclass(frozen=True)
class Equation:
    """`outputs = primitive[parameters] inputs`, in the names of its listing.

    `_` is an output that nothing uses. Numbers run from 1 through the whole program in the order of
    the lines, equations of bodies after the one that holds them: the last number is the count.
    """

    number: int
    outputs: tuple[str, ...]
    primitive: str
    parameters: dict[str, str]
    inputs: tuple[str, ...]
    bodies: tuple["Listing", ...] = ()

    @property
    def options(self) -> str:
        """The parameters as one text."""
        return " ".join(f"{name}={value}" for name, value in self.parameters.items())

    def __str__(self) -> str:
        return self.line(self.options)

    def line(self, options: str) -> str:
        """The equation with `options` between its brackets."""
        call = f"{self.primitive}[{options}]" if options else self.primitive
        result = f"{', '.join(self.outputs)} = " if self.outputs else ""
        return " ".join([result + call, *self.inputs])


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One jaxpr with its variables named a, b, …, z, ba, … as JAX prints them.

    `types` tells of each variable its dtype and shape, such as `float32[3]`, and of a small
    constant its value.
    """

    name: str = ""
    inputs: tuple[str, ...]
    constants: tuple[str, ...]
    equations: tuple[Equation, ...]
    outputs: tuple[str, ...]
    types: dict[str, str] = field(repr=False)

    def walk(self, within: int = 0) -> Iterator[tuple[int, Equation]]:
        """Every equation by number, after the number of the one whose body holds it (0: none)."""
        for equation in self.equations:
            yield within, equation
            for body in equation.bodies:
                yield from body.walk(equation.number)

    def lines(self) -> Iterator[str]:
        """One line an equation; a body is indented below its equation."""
        for equation in self.equations:
            yield f"{equation.number:>3}: {equation}"
            for body in equation.bodies:
                takes = " ".join(body.constants + body.inputs)
                yield f"       {body.name} takes {takes or 'nothing'}"
                yield from (f"       {line}" for line in body.lines())
                yield f"       {body.name} gives {' '.join(body.outputs) or 'nothing'}"


@dataclass(frozen=True, kw_only=True)
class JaxprDescription(Listing):
    """A whole program, with the source of the function; its `str` is the text."""

    source: str

    def __str__(self) -> str:
        def typed(names: tuple[str, ...]) -> str:
            return "\n".join(f"  {name}: {self.types[name]}" for name in names) or "  none"

        return "\n".join(
            [
                f"source:\n{indent(self.source, '  ')}",
                f"inputs:\n{typed(self.inputs)}",
                f"constants:\n{typed(self.constants)}",
                "\n".join(["equations:", *(self.lines() if self.equations else ["  none"])]),
                f"output: {' '.join(self.outputs) or 'none'}",
            ]
        )

    __repr__ = __str__
