"""Programs that call LAPACK end, and give what they should."""

import subprocess
import sys
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import taylorkit as tk
from taylorkit.differentiation import kernel, resolve
from taylorkit.differentiation.lapack import WORK, in_portions, most_points
from taylorkit.trace import trace

POINTS = 1024
SIDE = 8
# As many calls that do not need each other, on as many points, stood still for ever on two cores with JAX 0.10.
MANY = f"""
import jax.numpy as jnp, numpy as np, taylorkit as tk

def many(x):
    matrices = [jnp.eye({SIDE}) * (4 + i) + x for i in range(16)]
    factors = sum(jnp.linalg.cholesky(m).sum() for m in matrices)
    return factors + sum(jnp.linalg.solve(m, jnp.ones({SIDE})).sum() for m in matrices)

for _ in range(10):
    print(tk.derivatives(many, np.linspace(0, 1, 4 * {POINTS}), 0, "nested").packed.shape)
"""
CALLS: dict[str, Callable[[jax.Array], object]] = {
    "cholesky": jnp.linalg.cholesky,
    "solve": lambda a: jnp.linalg.solve(a, a),
    "qr": jnp.linalg.qr,
    "eigh": jnp.linalg.eigh,
    "svd": jnp.linalg.svd,
    "eigvals": jnp.linalg.eigvals,
    "complex": lambda a: jnp.linalg.solve(a + 1j * jnp.eye(SIDE), a),
}


def program(call: Callable, points: int, side: int) -> str:
    return jax.jit(jax.vmap(call)).lower(jax.ShapeDtypeStruct((points, side, side), jnp.float32)).as_text()


def test_a_program_of_many_calls_ends() -> None:
    told = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, timeout=120)
    assert told.stdout.splitlines() == [f"(1, {4 * POINTS})"] * 10, told.stderr


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_call_is_worth_cutting(call: Callable) -> None:
    """A portion divides the points, small enough for any call and for the most that a matrix may cost."""
    most = most_points(program(call, POINTS, SIDE), POINTS)
    assert POINTS % most == 0
    cost = SIDE**3 * (3 if "complex<" in program(call, POINTS, SIDE) else 1)
    assert WORK / (4 * 30) < most * cost < WORK
    assert most_points(program(call, most, SIDE), most) == most


def test_what_calls_nothing_of_it_takes_all_points() -> None:
    assert most_points(program(lambda a: jnp.sin(a) @ a, POINTS, SIDE), POINTS) == POINTS


def test_portions_of_a_number_that_is_no_power_of_two() -> None:
    assert [most_points(program(jnp.linalg.eigh, n, 40), n) for n in (3, 7)] == [1, 1]
    assert most_points(program(jnp.linalg.cholesky, 7 * 9 * 13, SIDE), 7 * 9 * 13) == 7 * 39


def test_one_large_matrix_is_one_point() -> None:
    assert most_points(program(jnp.linalg.eigh, 64, 200), 64) == 1


def test_portions_are_put_together_in_order() -> None:
    def parts(points: jax.Array) -> list[jax.Array]:
        return [points.T, jnp.stack([points.T * 2, points.T * 3])]

    points = jnp.arange(24.0).reshape(12, 2)
    for one, other in zip(in_portions(parts, 4)(points), parts(points), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("method", ["nested", "series"])
def test_numbers_of_a_program_in_portions(method: str, rng: np.random.Generator) -> None:
    """Against nested jacfwd of f over all points at once: to the rounding of a well-conditioned solution."""

    def f(x: jax.Array, y: jax.Array) -> jax.Array:
        return jnp.linalg.solve(jnp.eye(SIDE) * (3 + x * x) + y, jnp.arange(SIDE) * y)[:2]

    points = tuple(rng.uniform(0.5, 1.5, (2, 70)))
    traced = trace(f, "scalars", 2, np.dtype(float))
    resolved = resolve(method, traced, 2, "cpu")
    kernel_text = kernel.compiled(traced, 2, resolved)._lower(jax.devices("cpu")[0])[0].as_text()
    assert "stablehlo.while" in kernel_text, "it was to be cut into portions"
    with jax.enable_x64(True):
        hessians = jax.vmap(jax.jacfwd(jax.jacfwd(f, (0, 1)), (0, 1)))(*map(jnp.asarray, points))
        expected = np.stack([hessians[0][0], hessians[0][1], hessians[1][1]])
    found = np.moveaxis(np.asarray(tk.derivatives(f, points, 2, method).packed)[3:], 1, -1)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)
