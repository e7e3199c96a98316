"""Several devices in one process: the same bits as one device, whatever the number of points."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from taylorkit.calling import batch
from taylorkit.differentiation import kernel, resolve
from taylorkit.differentiation.tiles import AXIS, Tiles
from taylorkit.trace import Traced, trace

DEVICES, ORDER = 4, 2
METHODS = ("nested", "series:xla", "series:pallas")
# Seconds until what waits for itself is given up.
PATIENCE = 300


def surface(x: jnp.ndarray, y: jnp.ndarray) -> jnp.ndarray:
    return jnp.sin(x * y) * jnp.exp(-(x**2 + y**2) / 2) + jnp.tanh(x + 2 * y)


def solving(x: jnp.ndarray, y: jnp.ndarray) -> jnp.ndarray:
    return jnp.linalg.solve(jnp.array([[4.0, 1.0], [1.0, 3.0]]) + x * y * jnp.eye(2), jnp.stack([x, y]))


def special(x: jnp.ndarray, y: jnp.ndarray) -> jnp.ndarray:
    """One program over all devices has other last bits here: see `tiles`."""
    return jax.scipy.special.erf(x) * jax.lax.lgamma(3 + y**2) + jnp.log1p(x**2) * jnp.sqrt(1 + y**2)


def network(x: jnp.ndarray, y: jnp.ndarray) -> jnp.ndarray:
    """And here, where a constant is an array."""
    first, second = (np.random.default_rng(8).normal(size=shape) / 4 for shape in ((32, 2), (32, 32)))
    return jnp.mean(jnp.exp(second @ jnp.sin(first @ jnp.stack([x, y])))) + x * y


def looping(x: jnp.ndarray, y: jnp.ndarray) -> jnp.ndarray:
    return jax.lax.fori_loop(0, 5, lambda _, c: jnp.sin(c) * x + y, x * y)


def tiles(f: object, method: str, points: int) -> tuple[Tiles, Traced]:
    """The kernel, of tiles of so few points that few points are many tiles."""
    traced = trace(f, "scalars", 2, np.dtype(float))
    found = resolve(method, traced, ORDER, "cpu")
    smaller = type(found)(found.name, found.lowering, points, found.platform)
    return kernel.compiled(traced, ORDER, smaller), traced


def packed(f: object, method: str, tile: int, points: int) -> np.ndarray:
    made, traced = tiles(f, method, tile)
    rows = batch(tuple(np.random.default_rng(2).normal(size=(2, max(1, points)))), traced.dtype).array[:points]
    out = np.empty((6, *traced.shape, points))
    made.fill(out, rows, kernel.program(traced, ORDER).arguments(traced))
    return out


# Each by the method that it is dear for; `surface` goes through all of them.
OTHERS = {special: ("nested", "series:xla"), network: ("nested",), looping: ("series:xla",)}


def numbers(tile: int) -> list[int]:
    """None, one, fewer than devices have tiles, all devices' tiles and a remainder, many rounds and a remainder."""
    return [0, 1, 3, tile, tile + 1, DEVICES * tile, DEVICES * tile + 3, 5 * DEVICES * tile - 1]


def everything() -> dict[str, np.ndarray]:
    tile = 256
    found = {f"{m} {n}": packed(surface, m, tile, n) for m in METHODS for n in numbers(tile)}
    found |= {f"{f.__name__} {m}": packed(f, m, tile, 2 * DEVICES * tile + 3) for f in OTHERS for m in OTHERS[f]}
    return found | {f"solving {n}": packed(solving, "nested", tile, n) for n in (0, 1, 5 * tile)}


@pytest.fixture(scope="module", params=[DEVICES])
def with_several(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """What a process of several devices computes; and of how many it made use."""
    path = tmp_path_factory.mktemp("devices") / "several.npz"
    flag = f"--xla_force_host_platform_device_count={request.param}"
    environment = os.environ | {"XLA_FLAGS": flag, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-m", "tests.derivatives.test_devices", path]
    subprocess.run(command, cwd=Path(__file__).parents[2], env=environment, check=True, timeout=PATIENCE)
    with np.load(path) as file:
        return {"local": np.asarray(request.param), **file}


@pytest.fixture(scope="module")
def with_one() -> dict[str, np.ndarray]:
    return everything()


def test_the_bits_of_one_device(with_several: dict[str, np.ndarray], with_one: dict[str, np.ndarray]) -> None:
    for name, expected in with_one.items():
        np.testing.assert_array_equal(with_several[name], expected, err_msg=name)


def test_devices_are_used_as_far_as_there_are_tiles(with_several: dict[str, np.ndarray]) -> None:
    local = int(with_several["local"])
    assert with_several["devices"].tolist() == [1, 2, local, local]
    assert with_several["results"].tolist() == list(range(local))


def test_a_round_of_points_is_one_sharded_array(with_several: dict[str, np.ndarray]) -> None:
    """Each device holds its own tile of it."""
    local = int(with_several["local"])
    assert with_several["spec"].tolist() == [AXIS]
    assert with_several["shards"].tolist() == [[device, 64 * device] for device in range(local)]


def test_linear_algebra_of_a_cpu_stays_on_one_device(with_several: dict[str, np.ndarray]) -> None:
    assert with_several["alone"] == 1


def used() -> dict[str, object]:
    """After ever more tiles: how many devices have a kernel, where points lie, and where results."""
    made, _ = tiles(surface, "nested", 64)
    counts = []
    for count in (1, 2, DEVICES, 3 * DEVICES):
        made.fill(np.empty((6, 64 * count)), np.zeros((64 * count, 2)))
        counts.append(len(made.kernels))
    points = made.sharded(np.zeros((64 * len(made.devices), 2)))
    shards = [[s.device.id, s.index[0].start or 0] for s in points.addressable_shards]
    results = [next(iter(k(np.zeros((64, 2)))[0].devices())).id for k in made.kernels]
    alone = len(tiles(solving, "nested", 64)[0].devices)
    return {"devices": counts, "spec": list(points.sharding.spec), "shards": shards, "results": results, "alone": alone}


if __name__ == "__main__":
    from taylorkit.precision import scope

    with scope(np.dtype(float)):
        np.savez(sys.argv[1], **everything(), **used())
