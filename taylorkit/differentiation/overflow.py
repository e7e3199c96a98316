"""Which operands of exp and its kin have an upper bound, as far as the equations nearby tell: else exp may be ∞."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jax.extend.core import Jaxpr, JaxprEqn, Literal

from taylorkit.motion import CALLS
from taylorkit.rewriting import body

GROWING = frozenset("exp exp2 expm1 sinh cosh".split())
# What has an upper bound whatever it is of. Who selects what exp is taken of has masked it before.
CAPPED = frozenset("min clamp select_n tanh sin cos erf logistic sign".split())
POSITIVE = frozenset("abs square exp exp2 cosh sqrt logistic".split())
PASSING = frozenset("broadcast_in_dim reshape squeeze transpose convert_element_type copy stop_gradient".split())
EXTREME = frozenset("reduce_max max".split())

Made = Mapping[Any, JaxprEqn]


def makers(jaxpr: Jaxpr) -> dict[Any, JaxprEqn]:
    """The equation that makes each variable."""
    return {v: e for e in jaxpr.eqns for v in e.outvars}


def capped(atom: Any, made: Made) -> bool:
    """Whether it is never large: as x − max x, −x² and what was masked."""
    maker, made = _maker(atom, made)
    name = maker.primitive.name if maker else ""
    if maker is None:
        return isinstance(atom, Literal)
    if name == "neg":
        return _positive(maker.invars[0], made)
    if name == "sub":
        less, _ = _maker(maker.invars[1], made)
        return less is not None and less.primitive.name in EXTREME
    if name in ("add", "reduce_sum", "max"):
        return all(capped(a, made) for a in maker.invars)
    if name in ("mul", "div"):
        return _scaled(maker, made)
    return name in CAPPED


def _scaled(maker: JaxprEqn, made: Made) -> bool:
    """A multiple: of a bounded number, or a negative one of a positive number."""
    for factor, other in (maker.invars, maker.invars[::-1]):
        if isinstance(factor, Literal):
            return capped(other, made) if np.all(factor.val >= 0) else _positive(other, made)
    return False


def _positive(atom: Any, made: Made) -> bool:
    maker, made = _maker(atom, made)
    if maker is None:
        return isinstance(atom, Literal) and bool(np.all(atom.val >= 0))
    name = maker.primitive.name
    if name == "integer_pow":
        return maker.params["y"] % 2 == 0
    if name in ("add", "mul", "div", "reduce_sum"):
        same = name == "mul" and maker.invars[0] is maker.invars[1]
        return same or all(_positive(a, made) for a in maker.invars)
    return name in POSITIVE


def _maker(atom: Any, made: Made) -> tuple[JaxprEqn | None, Made]:
    """The equation that computes it, within the calls that hand it on, and the makers that stand beside it."""
    maker = None if isinstance(atom, Literal) else made.get(atom)
    while maker is not None and maker.primitive.name in PASSING | CALLS:
        if maker.primitive.name in PASSING:
            atom = maker.invars[0]
        else:
            inner: Any = body(maker)
            inner = getattr(inner, "jaxpr", inner)
            atom, made = inner.outvars[maker.outvars.index(atom)], makers(inner)
        maker = None if isinstance(atom, Literal) else made.get(atom)
    return maker, made
