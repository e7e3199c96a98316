"""What a spec's figures ask for, checked before anything is computed.

A planned artifact is a dataset already, with all its coordinates and attributes, but for the values of its arrays. A
figure looks at its whole request before it reads a value: so each is drawn of the plan until it asks for one.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from taylorkit.errors import IntegrityError, SpecError
from taylorkit.pipeline.job import Job
from taylorkit.spec import GraphSpec
from taylorkit.store.layout import ArrayPlan, GroupPlan
from taylorkit.store.tree import attributes

if TYPE_CHECKING:
    import xarray as xr

    from taylorkit.plotting import Source


def check(job: Job) -> None:
    """Raise SpecError for a figure that the job's artifact cannot show, whatever its values will be.

    What an artifact of this very spec passed is not looked at again: this needs Matplotlib, which is slow to import.
    """
    asked = job.spec.report.figures
    if not asked or _is_made(job):
        return
    from taylorkit.plotting import check as checked

    source = planned(job)
    for number, request in enumerate(asked, 1):
        try:
            checked(source, request)
        except SpecError as error:
            raise SpecError(f"report.figures, number {number}: {error}") from None
        except Exception as error:  # better now than when all is computed
            raise SpecError(
                f"report.figures, number {number}: cannot be drawn ({type(error).__name__}: {error}); leave it out, or "
                "see `taylorkit --debug check`"
            ) from error


def _is_made(job: Job) -> bool:
    try:
        return bool(attributes(job.artifact).get("spec") == job.groups[0].attributes["spec"])
    except (IntegrityError, OSError):
        return False


def planned(job: Job) -> "Source":
    """The job's artifact as `taylorkit.pages.source` will give it, with arrays of which nothing can be read yet."""
    from taylorkit.plotting import Source
    from taylorkit.store.read import of_run

    # The orders of a graph are asked for, not computed.
    known = {"graph_order": np.array(job.spec.orders)} if isinstance(job.spec, GraphSpec) else {}
    root, *rest = (_dataset(group, known) for group in job.groups)
    # By name, as in a store: a figure that names none shows the first.
    rest.sort(key=lambda one: str(one.attrs["evaluation"]))
    return Source(root, {one.attrs["evaluation"]: of_run(root, one) for one in rest})


def _dataset(group: GroupPlan, known: dict[str, np.ndarray]) -> "xr.Dataset":
    import xarray as xr

    from taylorkit.store.read import assembled

    arrays = [array for section in group.sections for array in section.arrays]
    # An index is made of its values at once; without it there is the length of its dimension still.
    arrays = [array for array in arrays if array.dims != (array.name,)]
    variables = {a.name: xr.Variable(a.dims, known[a.name] if a.name in known else _unread(a)) for a in arrays}
    coordinates = {name: xr.Variable(*of) for name, of in group.coordinates.items()}
    return assembled(variables, coordinates, group.attributes)


def _unread(plan: ArrayPlan) -> Any:
    from xarray.backends import BackendArray
    from xarray.core import indexing

    from taylorkit.plotting import UnknownYetError

    class Unread(BackendArray):
        """An array of which shape and dtype are known."""

        shape, dtype = plan.shape, np.dtype(plan.dtype)

        def __getitem__(self, key: Any) -> Any:
            raise UnknownYetError(plan.name)

    return indexing.LazilyIndexedArray(Unread())
