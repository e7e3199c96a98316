"""f itself, kept with its artifact as a program, so that it can be evaluated at new points when its code is gone.

It can be called and nothing else (JAX gives no derivatives of an exported program), and its bytes hold source
locations: so it lies in the artifact's log, outside of every digest of numbers, with a digest of its own, which covers
whose f it is.
"""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
from jax import export

from taylorkit.errors import IntegrityError
from taylorkit.precision import scope
from taylorkit.store import records, seal
from taylorkit.store.files import LARGEST_DOCUMENT
from taylorkit.trace import Traced

PLATFORMS = ("cpu", "cuda")


def keep(traced: Traced, artifact: Path) -> None:
    """Store f beside its numbers, once; a function that JAX cannot export, or is too large, is noted as such."""
    if is_kept(artifact):
        return
    program = _serialised(traced) | {"of": _of(artifact)}
    if (size := len(records.encode(program))) > LARGEST_DOCUMENT:
        program = {"reason": f"has {size >> 20} MiB, of {LARGEST_DOCUMENT >> 20} at most", "of": program["of"]}
    records.write(_place(artifact), program)


def is_kept(artifact: Path) -> bool:
    """Whether the artifact says what its own f is, undamaged."""
    try:
        return bool(_kept(artifact))
    except IntegrityError:
        return False


def _kept(artifact: Path) -> dict[str, Any]:
    """What is kept, nothing where there is none. Raises IntegrityError where it is damaged, or another artifact's."""
    found = records.read(_place(artifact)) or {}
    if found and found.get("of", "") != _of(artifact):
        raise IntegrityError(
            f"{_place(artifact)}: is the function of another artifact; run the spec again to keep its own"
        )
    return found


def _of(artifact: Path) -> str:
    """What f belongs to: the artifact, by the fingerprint of its plan; "" in format 1, which does not say it."""
    return seal.read(artifact).artifact


def _place(artifact: Path) -> Path:
    return artifact / "log" / "function"


def _serialised(traced: Traced) -> dict[str, Any]:
    try:
        with traced.scope():
            (points,) = export.symbolic_shape("points")
            rows = jax.ShapeDtypeStruct((points, traced.variables), traced.dtype)
            program = export.export(jax.jit(jax.vmap(traced.replay)), platforms=PLATFORMS)(rows)
            return {"program": base64.b64encode(program.serialize()).decode(), "dtype": str(traced.dtype)}
    except Exception as error:  # whatever JAX says of a program that it cannot export
        return {"reason": f"{type(error).__name__}: {str(error).splitlines()[0]}"}


def stored_function(artifact: str | Path) -> Callable[[np.ndarray], np.ndarray]:
    """The f of an artifact: rows (M, D) ↦ (M, *S), without its code.

    Unlike opening an artifact this runs what it holds, as compiled arithmetic; call it for stores that you trust.
    Raises IntegrityError where there is none or it is damaged.

    >>> import tempfile
    >>> import numpy as np
    >>> from taylorkit import pipeline
    >>> with tempfile.TemporaryDirectory() as store:
    ...     job = pipeline.plan("data/specs/mml-5-15.toml", store=store)
    ...     done = pipeline.run(job)
    ...     stored_function(job.artifact)(np.array([[1.0, 2.0], [2.0, 3.0]])).tolist()  # x² + 2xy + y³
    [13.0, 43.0]
    """
    record = _kept(Path(artifact))
    if "program" not in record:
        raise IntegrityError(
            f"{artifact}: holds no program of its function ({record.get('reason', 'none was stored')})"
        )
    program = export.deserialize(bytearray(base64.b64decode(record["program"])))
    dtype = np.dtype(record["dtype"])

    def values(rows: np.ndarray) -> np.ndarray:
        with scope(dtype):
            return np.asarray(program.call(np.asarray(rows, dtype)))

    return values
