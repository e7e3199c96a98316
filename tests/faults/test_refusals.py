"""What cannot be differentiated is refused with its line, by every method; `auto` does not take a method that fails."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.experimental import pallas
from jax.sharding import Mesh, PartitionSpec

import taylorkit as tk
from taylorkit.differentiation import series

# x sin x and its first three derivatives, at ½.
X = 0.5
EXACT = [X * np.sin(X), np.sin(X) + X * np.cos(X), 2 * np.cos(X) - X * np.sin(X), -3 * np.sin(X) - X * np.cos(X)]
ROUNDING = 1e-14


def product(x: Any) -> Any:
    return x * jnp.sin(x)


def sharded(x: Any) -> Any:
    mesh, spec = Mesh(np.array(jax.devices()[:1]), ("i",)), PartitionSpec("i")
    return jax.shard_map(product, mesh=mesh, in_specs=spec, out_specs=spec)(x[None])[0]


def over_devices(x: Any) -> Any:
    return jax.pmap(product)(x[None])[0]


@pytest.mark.parametrize("f", [sharded, over_devices])
def test_fault_R9_functions_over_devices(f: Callable) -> None:
    for method in ("nested", "series", "reverse"):
        found = tk.derivatives(f, [X], 2, method).packed[:, 0]
        np.testing.assert_allclose(found, EXACT[:3], rtol=ROUNDING, err_msg=method)


def kernel(x: Any) -> Any:
    def body(given: Any, out: Any) -> None:
        out[...] = product(given[...])

    return pallas.pallas_call(body, out_shape=jax.ShapeDtypeStruct(x.shape, x.dtype), interpret=True)(x)


def test_fault_R9_kernels() -> None:
    """JAX has no derivative of a kernel under vmap; series has, by its first derivative; auto takes what serves."""
    found = tk.derivatives(kernel, [X], 1).packed[:, 0]
    np.testing.assert_allclose(found, EXACT[:2], rtol=ROUNDING)
    with pytest.raises(tk.FunctionError, match=rf"pallas_call at .*{Path(__file__).name}.*\(kernel\).*jax\.custom_jvp"):
        tk.derivatives(kernel, [X], 1, "nested")


def host(function: Callable, *operands: Any) -> Any:
    out = jax.ShapeDtypeStruct(operands[0].shape, operands[0].dtype)
    run = lambda *given: function(*map(np.asarray, given)).astype(out.dtype)  # noqa: E731
    return jax.pure_callback(run, out, *operands, vmap_method="expand_dims")


@jax.custom_jvp
def ruled(x: Any) -> Any:
    return host(np.sin, x)


ruled.defjvp(lambda p, t: (ruled(*p), host(np.cos, p[0]) * t[0]))


@jax.custom_jvp
def pushed(x: Any) -> Any:
    return jnp.sin(x)


pushed.defjvp(lambda p, t: (pushed(*p), host(lambda x, d: np.cos(x) * d, p[0], t[0])))


@jax.custom_vjp
def pulled(x: Any) -> Any:
    return host(np.sin, x)


pulled.defvjp(lambda x: (pulled(x), x), lambda x, g: (host(lambda x, d: np.cos(x) * d, x, g),))


@pytest.mark.parametrize(
    ("function", "methods"),
    [(ruled, ("nested", "series", "reverse")), (pushed, ("nested", "series")), (pulled, ("nested", "reverse"))],
)
def test_fault_R9_rules_that_call_the_host(function: Callable, methods: tuple[str, ...]) -> None:
    """Their first derivative is there, by every method that begins the right way; the second is refused by name."""
    for method in (*methods, "auto"):
        found = tk.derivatives(lambda x: x * function(x), [X], 1, method).packed[:, 0]
        np.testing.assert_allclose(found, EXACT[:2], rtol=ROUNDING, err_msg=method)
    name = "pulled at" if function is pulled else "pure_callback at"
    with pytest.raises(tk.FunctionError, match=rf"{name} .*{Path(__file__).name}"):
        tk.derivatives(lambda x: x * function(x), [X], 2)
    (named,) = tk.preflight(lambda x: x * function(x), X, 2).unsupported
    assert named.startswith("pure_callback at ") and f"{Path(__file__).name}" in named


@pytest.mark.parametrize("least", [1, 3])
def test_fault_R15_auto_does_not_take_what_fails(least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it shows when the method is chosen, or not before it is compiled."""

    def failing(way: Callable) -> Callable:
        def checked(traced: Any, order: int) -> Any:
            assert order < least, "an internal fault"
            return way(traced, order)

        return checked

    for name in ("packed", "straight"):
        monkeypatch.setattr(series, name, failing(getattr(series, name)))
    f = jax.jit(lambda x: jnp.stack([product(x), least * x]))
    found = tk.derivatives(f, np.full(2, X), 3)
    assert found.method.name == "nested"
    np.testing.assert_allclose(found.packed[:, 0, 0], EXACT, rtol=ROUNDING)
    report = tk.preflight(f, X, 2)
    assert report.method is not None and (report.method.name == "nested") == (least == 1)
    with pytest.raises(tk.FunctionError, match="by method 'series': AssertionError: an internal fault"):
        tk.derivatives(f, [X], 3, "series")


@jax.custom_vjp
def own_sine(x: Any) -> Any:
    return jnp.sin(x)


own_sine.defvjp(lambda x: (jnp.sin(x), x), lambda x, g: (g * jnp.cos(x),))


def test_a_refusal_names_the_persons_function() -> None:
    scanned = lambda x: jax.lax.scan(lambda c, _: (own_sine(c), None), x, None, length=2)[0]  # noqa: E731
    with pytest.raises(tk.SpecError, match=r"drops the rule of own_sine at \S*test_refusals.py"):
        tk.derivatives(scanned, [1.0], 2, "reverse")


def test_a_refusal_names_the_line_that_calls_what_jax_has() -> None:
    triangular = lambda x: jax.scipy.linalg.schur(jnp.eye(2) * x)[0].sum()  # noqa: E731
    (said,) = tk.preflight(triangular, 1.5, 1).unsupported
    assert said.startswith("schur at ") and "test_refusals.py" in said


def test_a_refusal_names_the_line_whose_rule_holds_what_it_refuses() -> None:
    with pytest.raises(tk.TaylorkitError, match=r"igamma_grad_a at \S*test_refusals.py"):
        tk.derivatives(lambda x: jax.scipy.special.gammainc(x, 2.0), [1.5], 3, "series")
