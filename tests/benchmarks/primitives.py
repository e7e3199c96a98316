"""`python -m tests.benchmarks.primitives` writes docs/primitives.md: which of JAX's primitives jet and `series` serve.

Read off jet's table of rules, JAX's table of JVPs and the registry of `series`. It stands here because nothing but the
benchmark may import `jax.experimental.jet`.
"""

import sys
from collections import Counter
from pathlib import Path

import jax
import jax.extend.core.primitives
from jax.experimental import jet
from jax.interpreters import ad

from taylorkit.inspection.rules import NONE, ORDER, WORDS, kind
from taylorkit.series.registry import FUNCTIONS, RULES
from taylorkit.silence import PRINTING
from tests.benchmarks.markdown import table

PATH = Path("docs/primitives.md")

# What takes no number that could move: devices and their collectives, mutable references, keys, tokens, types.
OUTSIDE = frozenset(
    """
    after_all create_token axis_index all_gather all_gather_invariant all_gather_reduced all_to_all pbroadcast pmax pmin
    ppermute preduced psum psum_invariant pvary ragged_all_to_all reduce_scatter reduced_vary_cast_p reshard
    unreduced_psum unreduced_reduce_scatter vary_unreduced_cast_p inspect_sharding layout_constraint mesh_cast
    sharding_constraint accum_grad_in_ref addupdate box_get box_set empty2 empty_ref free_ref freeze get new_box
    new_log new_ref log_extend log_read run_state swap random_bits random_clone random_fold_in random_seed random_split
    random_unwrap random_wrap rng_bit_generator rng_uniform threefry2x32 from_edtype to_edtype call_hi_primitive check
    dce_sink stage tie call custom_lin eval_jaxpr
    """.split()
)
# They have an entry among the JVPs, and it only raises.
REFUSING = frozenset("pure_callback io_callback ffi_call".split())
# JAX differentiates them without an entry in its table.
UNLISTED = frozenset({"checkpoint", "custom_jvp_call"})
# What JAX does not export. Its table of JVPs is no list: it grows with what happens to be imported.
HIDDEN = frozenset({"debug_callback", "debug_print", *REFUSING, *UNLISTED})

MEANING = {
    "recurrence": "degree k of the result from lower degrees, entry by entry",
    "linear": "the primitive acts on each coefficient alone",
    "moves entries": "linear, and only moves numbers about",
    "bilinear": "Σ_j p(a_j, b_{k−j})",
    "piecewise linear": "its JVP at the values acts on each coefficient",
    "rewritten": "a program of other primitives is run in its place",
    "step": "piecewise constant: only its value counts",
    "own rule": "a function of its own: loops, branches, linear algebra",
    "from its JVP": "no rule of its own: k y_k = Σ_j j x_j g_{k−j}, g from its JVP",
    "inlined": "a call: its body is run in place",
    "ignored": "has no result",
    "none": "has no derivative in JAX",
}

TEXT = """# Primitives

Which of JAX's primitives `jax.experimental.jet` and this project's `series` serve, as of JAX {version}: {primitives}
primitives, of which jet has a rule for {jet}, `series` one of its own for {own}, and {jvp} more by their JVP. What is
not here and has a JVP is served by that. That jet has a rule does not say that it is right everywhere. Left out are
primitives of devices, references, random keys and tokens, through which no derivative goes.

Made by `python -m tests.benchmarks.primitives` from the registry, `taylorkit/series/registry.py`; do not edit.

{kinds}

Functions of JAX's own that are programs of primitives, and whose derivatives in JAX are wrong at some points or lose
digits, have rules of their own in `series`, `taylorkit/series/rules/special.py`:
{functions}.
So have the primitives `digamma`, `bessel_i0e` and `bessel_i1e`. A function of the same name in other code is not taken
for one of them. Rules of the primitives of `gammainc`, `gammaincc` and `betainc` are in `rules/incomplete.py`.
`python -m tests.faults.special` compares `jax.scipy.special` with mpmath to order 6. `dawsn`, `hyp1f1`, `hyp2f1`,
`sph_harm_y`, `wofz`, and `boxcox` and `boxcox1p` in λ lose digits where preflight says so.

A derivative that f takes itself, as `jax.grad(jnp.sinc)` inside f, is JAX's program and not the function any more.
Those of `sinc`, `sici`, `bessel_jn`, `i0`, `i1` and `spence`, and `polygamma` at negative numbers, are wrong at some
points, and preflight says so. Those of `hypot`, `log_ndtr`, `gammaln`, `fresnel`, `erfcx`, `logsumexp`, `logaddexp` and
`norm` are right.

XLA, which compiles everything, computes `cumsum` of one number that is padded alike on both sides wrongly, as if the
number came first. `jax.jit(lambda v: lax.cumsum(lax.pad(v, 0.0, [(0, 0, 0), (1, 1, 0)]), 1))(jnp.ones((1, 1)))` is
`[[1, 1, 1]]` on CPUs with JAX 0.10, and without `jit` `[[0, 1, 1]]`, which is right. Preflight warns of it.

{rows}
"""


def primitives() -> list[str]:
    """The names of JAX's primitives: what it exports, and what it does not export but a user's function may hold."""
    modules = (jax.extend.core.primitives, jax.lax)
    exported = {getattr(m, name).name for m in modules for name in dir(m) if name.endswith("_p")}
    return sorted((exported | HIDDEN) - OUTSIDE)


def served(name: str) -> str:
    """The kind of rule of `series` for a primitive."""
    listed = {primitive.name for primitive in ad.primitive_jvps}
    differentiable = name in UNLISTED | PRINTING or name in listed - REFUSING
    return kind(name) if name in RULES or differentiable else NONE


def rows() -> dict[str, tuple[str, str]]:
    """name ↦ whether jet has a rule, the kind of rule of `series`; by kind, then by name."""
    rules = {p.name for p in jet.jet_rules}
    found = {name: ("yes" if name in rules else "–", served(name)) for name in primitives()}
    return dict(sorted(found.items(), key=lambda item: (ORDER.index(item[1][1]), item[0])))


def document() -> str:
    """The page."""
    found = rows()
    kinds = Counter(kind for _, kind in found.values())
    jvp = kinds[WORDS["jvp"]]
    lines = [[f"`{name}`", in_jet, kind] for name, (in_jet, kind) in found.items()]
    return TEXT.format(
        version=jax.__version__,
        primitives=len(found),
        jet=sum(in_jet == "yes" for in_jet, _ in found.values()),
        own=len(found) - jvp - kinds[NONE] - kinds["ignored"],
        jvp=jvp,
        functions=", ".join(f"`{name}`" for name in sorted(FUNCTIONS) if not name.startswith("_")),
        kinds=table(["kind", "how", "primitives"], [[k, MEANING[k], str(kinds[k])] for k in ORDER if kinds[k]]),
        rows=table(["primitive", "jet", "`series`"], lines),
    )


def read(path: Path = PATH) -> dict[str, tuple[str, str]]:
    """The rows of a page that was written."""
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in path.read_text().splitlines() if "`" in line]
    return {c[0].strip("`"): (c[1], c[2]) for c in cells if len(c) == 3 and c[0].startswith("`")}


def main() -> int:
    PATH.write_text(document())
    print(f"wrote {PATH}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
