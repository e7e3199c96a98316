"""Custom rules that JAX's reverse mode drops: those within a `scan`.

Of what a scan computes before it is turned back JAX keeps the operations and not the rules, as if no derivative were
to be taken of them any more. From the second derivative on the functions' bodies are differentiated in their place.
"""

from collections.abc import Iterator

from jax.extend.core import Jaxpr, JaxprEqn

from taylorkit.rewriting import equations, subjaxprs
from taylorkit.series.identity import is_jax_own


def rules(jaxpr: Jaxpr) -> Iterator[JaxprEqn]:
    """The calls within a scan whose rule is not one of JAX's own: such a rule may say other than its body."""
    for scan in equations(jaxpr):
        if scan.primitive.name == "scan":
            for inner in (e for body in subjaxprs(scan) for e in equations(body)):
                if inner.primitive.name == "custom_jvp_call" and not is_jax_own(inner.params["jvp_jaxpr_fun"]):
                    yield inner
