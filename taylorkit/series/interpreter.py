"""A jaxpr, run on series: each equation by the rule of its primitive.

Values that do not move with the variables stay plain arrays and go through JAX as they are. Of the rest, each output's
degree 0 is what the primitive itself computes of the inputs' degrees 0, and the rule gives the degrees above.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Jaxpr, JaxprEqn, Literal

from taylorkit.multi_index import count
from taylorkit.series import forms, origins
from taylorkit.series.algebra import Series
from taylorkit.series.forms import Value, moves
from taylorkit.series.general import from_jvp, same
from taylorkit.series.identity import Identities
from taylorkit.series.kinds import KINDS
from taylorkit.series.registry import RULES, Rule
from taylorkit.series.sides import equal_beside
from taylorkit.series.symbols import Program
from taylorkit.smoothness.switches import finds_its_place
from taylorkit.trace import rerun, subjaxprs

STEP = Rule("constant")
"""Whatever has no floating-point result does not move, casts to integers among it."""


# Products of coefficients in one product of series, up to which it is written out.
UNROLLED = 2_500


@dataclass
class Run:
    """One interpretation: D variables up to an order, on single numbers or on whole arrays.

    `eager` computes all degrees of an equation before the next one, which keeps Python's stack flat; inside a
    derivative rule the run is lazy, because only the degrees below are wanted, and only they are known. A product of
    two whole series is `written` out up to so many products of coefficients.
    """

    variables: int
    order: int
    numbers: bool
    dtype: Any
    eager: bool = True
    written: int = UNROLLED
    program: Program = None  # type: ignore[assignment]
    memory: dict[Any, tuple[list[Value], list[Value]]] = field(default_factory=dict)
    """What the general rule has made already, by the equation and its inputs."""
    identities: Identities = field(default_factory=Identities)
    trail: list[Value] | None = None
    """What a derivative rule's equations have made, in their order, where each is computed before the next."""
    settled: int = -1

    def __post_init__(self) -> None:
        self.program = self.program or Program((self.variables, self.order))

    def __call__(self, jaxpr: Jaxpr, constants: Sequence[Any], inputs: Sequence[Value]) -> list[Value]:
        values: dict[Any, Value] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *inputs], strict=True))

        def read(atom: Any) -> Value:
            return atom.val if isinstance(atom, Literal) else values[atom]

        made = {var: equation for equation in jaxpr.eqns for var in equation.outvars}
        for equation in jaxpr.eqns:
            inputs = [read(atom) for atom in equation.invars]
            beside = any(map(moves, inputs)) and finds_its_place(equation, made)
            outputs = equal_beside(self, equation, inputs) if beside else self.equation(equation, inputs)
            values.update(zip(equation.outvars, outputs, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def equation(self, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
        """The outputs of one equation."""
        if not any(moves(v) for v in inputs):
            return plain(equation, inputs)
        if not self.eager:
            outputs = self.remembered(equation, inputs)
            if self.trail is not None:
                self.trail.extend(v for v in outputs if moves(v))
            return outputs
        outputs = self.fresh(equation, inputs)
        for output in outputs:
            self.force(output)
        return outputs

    def fresh(self, equation: JaxprEqn, inputs: list[Value], named: bool = True) -> list[Value]:
        """The outputs by the rule of the function that is called, or by the primitive's."""
        rule = (origins.rule(equation, inputs) if named else None) or RULES.get(equation.primitive.name)
        stays = not any(floating(var.aval) for var in equation.outvars) and not subjaxprs(equation)
        if stays and not (rule and rule.kind == "constant"):
            rule = STEP
        return KINDS[rule.kind](self, equation, inputs, rule) if rule else from_jvp(self, equation, inputs)

    def remembered(self, equation: JaxprEqn, inputs: list[Value]) -> list[Value]:
        """Inside a derivative rule the same operation of the same inputs is the same series: a rule that computes
        −u anew must still find the function of −u that is being made."""
        if subjaxprs(equation):
            return self.fresh(equation, inputs)
        key = self.key(equation, inputs)
        if key not in self.memory:
            # The inputs are kept with the outputs: as long as they live no other object takes their ids.
            self.memory[key] = inputs, self.fresh(equation, inputs)
        return self.memory[key][1]

    def key(self, equation: JaxprEqn, inputs: Sequence[Value]) -> Any:
        """What the results depend on: what the equation does, and the inputs."""
        return self.identities.of_equation(equation), tuple(map(same, inputs))

    def inside(self, order: int) -> "Run":
        """A run of its own, for the body of a loop or a branch."""
        return Run(self.variables, order, self.numbers, self.dtype, written=self.written, identities=self.identities)

    def renew(self) -> None:
        """Forget everything: another trace begins, whose arrays are not those of the last."""
        self.program, self.memory = Program((self.variables, self.order)), {}

    def remember(self, equation: JaxprEqn, inputs: list[Value], outputs: list[Value]) -> None:
        """The results of an equation are known already."""
        self.memory[self.key(equation, inputs)] = inputs, outputs

    @property
    def unrolled(self) -> bool:
        """Whether a product of two series may be written out, each product of two coefficients an operation."""
        return count(2 * self.variables, self.order) <= self.written

    def lazily(self) -> "Run":
        """The same run inside a derivative rule: same program, same memory."""
        return replace(self, eager=False, trail=None)

    def below(self, variable: int) -> "Run":
        """The same for what is derived by one variable: in the variables from that one on, one order lower."""
        return replace(
            self, variables=self.variables - variable, order=self.order - 1, eager=False, trail=[], settled=-1
        )

    def settle(self, degree: int) -> None:
        """Compute what the equations of such a run make, up to a degree, one after the other."""
        for k in range(self.settled + 1, degree + 1):
            for value in self.trail or ():
                for series in [value] if isinstance(value, Series) else value.reshape(-1):
                    (series.twin or series).part(k)
            self.settled = k

    def force(self, value: Value) -> Value:
        if moves(value):
            for series in [value] if isinstance(value, Series) else value.reshape(-1):
                (series.twin or series).force(self.order)
        return value

    def whole(self, value: Value, aval: Any = None) -> Series:
        """A value in whole form."""
        if isinstance(value, Series):
            return value
        if moves(value):
            dtype = self.dtype if aval is None else aval.dtype
            return forms.collapse(value, self.variables, self.program, dtype, self.order if self.eager else None)
        return forms.whole_constant(value, self.variables)

    def entries(self, value: Value) -> np.ndarray:
        """A value as single numbers."""
        if isinstance(value, Series):
            raise TypeError("a whole series is exploded where it is made")
        return value if moves(value) else forms.number_constants(value, self.program)

    def primal(self, value: Value, aval: Any) -> Any:
        """The plain array of a value's degree 0."""
        if not moves(value):
            return value
        if isinstance(value, Series):
            part = value.part(0)
        else:
            part = forms.collapse(value, self.variables, self.program, aval.dtype, None).part(0)
        return jnp.zeros(aval.shape, aval.dtype) if part is None else part.array[0]

    def primals(self, equation: JaxprEqn, inputs: Sequence[Value]) -> list[Any]:
        return [self.primal(v, atom.aval) for v, atom in zip(inputs, equation.invars, strict=True)]

    def deliver(self, series: Series, aval: Any) -> Value:
        """A whole series in the form of this run."""
        return forms.explode(series, aval.shape, self.variables, self.program) if self.numbers else series


def plain(equation: JaxprEqn, inputs: list[Any]) -> list[Any]:
    """An equation of plain arrays; at once where they are known, so that indices stay known."""
    if all(forms.concrete(v) for v in inputs) and sum(np.size(v) for v in inputs) < 10_000:
        with jax.ensure_compile_time_eval():
            return rerun(equation, inputs)
    return rerun(equation, inputs)


def floating(aval: Any) -> bool:
    return bool(jnp.issubdtype(aval.dtype, jnp.inexact))
