"""A spacecraft between Earth and Moon: the flow map of the circular restricted three-body problem.

Unit of length is the distance from Earth to Moon, of time their period over 2π; the frame turns with them about their
common centre of mass, Earth at (−μ, 0, 0), the Moon at (1 − μ, 0, 0). With the momenta p = v + (−y, x, 0)

    H = |p|²/2 + y p_x − x p_y − (1 − μ)/r₁ − μ/r₂,    Jacobi's constant  C = −2H

r₁ and r₂ the distances from Earth and Moon (Szebehely, *Theory of Orbits*, 1967). The first three terms alone are motion
along a straight line, seen from a frame that turns; the last two alone change the momenta and nothing else. Both flows
are known, and a symmetric composition of them is an integrator that is symplectic to rounding.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

# Earth and Moon, and an orbit about L2, from JPL's catalogue of periodic orbits (ssd.jpl.nasa.gov/tools/periodic_orbits,
# northern halo orbits): it starts at (1.1599142517039056, 0, 0.12493104137908298), with the velocity
# (0, -0.20877759243379301, 0), and is there again after PERIOD.
MU = 0.01215058560962404
PERIOD = 3.2683796978298347

# Weights of a composition of order 8 in 15 stages, γ₁ … γ₈, then γ₇ … γ₁: Suzuki and Umeno (1993), as in Hairer, Lubich
# and Wanner, *Geometric Numerical Integration*, section V.3.2.
FIRST = (
    0.74167036435061295345,
    -0.40910082580003159400,
    0.19075471029623837995,
    -0.57386247111608226666,
    0.29906418130365592384,
    0.33462491824529818378,
    0.31529309239676659663,
    -0.79688793935291635402,
)
WEIGHTS = np.array(FIRST + FIRST[-2::-1])
# For half a period these keep Jacobi's constant to 1e-12 and end within 1e-11 of where the exact flow does.
STEPS = 40

State = tuple[Array, ...]


def flow(v: Array) -> Array:
    """Position and velocity (6,) after half a period of the halo orbit, from those (6,) at its start."""
    return after(v, PERIOD / 2, STEPS)


def after(v: Array, time: float, steps: int) -> Array:
    """Position and velocity (x, y, z, v_x, v_y, v_z) after `time`.

    One turn of the scan is one stage: a change of momenta, and the straight line to the next. In between the halves of
    two steps' straight lines are one.
    """
    stages = np.tile(WEIGHTS * time / steps, steps)
    lines = (stages + np.append(stages[1:], 0.0)) / 2
    x, y, z, vx, vy, vz = v
    start = straight((x, y, z, vx - y, vy + x, vz), *turned(stages[0] / 2))
    (x, y, z, px, py, pz), _ = jax.lax.scan(_stage, start, (stages, *turned(lines)))
    return jnp.stack([x, y, z, px + y, py - x, pz])


def _stage(state: State, over: tuple[Array, ...]) -> tuple[State, None]:
    time, *line = over
    return straight(kicked(state, time), *line), None


def turned(time: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A time, with cosine and sine of the angle by which the frame turns in it."""
    return time, np.cos(time), np.sin(time)


def straight(state: State, time: Array, cosine: Array, sine: Array) -> State:
    """The flow of |p|²/2 + y p_x − x p_y: q ↦ R(q + t p), p ↦ R p, R the frame's turn."""
    x, y, z, px, py, pz = state
    x, y = x + time * px, y + time * py
    return (
        cosine * x + sine * y,
        cosine * y - sine * x,
        z + time * pz,
        cosine * px + sine * py,
        cosine * py - sine * px,
        pz,
    )


def kicked(state: State, time: Array) -> State:
    """The flow of −(1 − μ)/r₁ − μ/r₂: the momenta change by their force, for `time`."""
    x, y, z, px, py, pz = state
    aside = y * y + z * z
    earth = time * (1 - MU) * _inverse_cube((x + MU) ** 2 + aside)
    moon = time * MU * _inverse_cube((x - 1 + MU) ** 2 + aside)
    both = earth + moon
    return x, y, z, px - earth * (x + MU) - moon * (x - 1 + MU), py - both * y, pz - both * z


def _inverse_cube(square: Array) -> Array:
    return 1 / (square * jnp.sqrt(square))
