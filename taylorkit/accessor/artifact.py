"""What a dataset does not hold itself: the evaluations of its artifact, and its figures."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from taylorkit import shown
from taylorkit.accessor.values import degree_of
from taylorkit.errors import SpecError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from taylorkit.plotting import Source


def error(dataset: xr.Dataset, evaluation: str | None, degree: int | None) -> xr.DataArray:
    """|f − T_k| as an evaluation holds it: the dataset itself if it is one, else that of its artifact."""
    own = dataset.attrs.get("evaluation")
    if own is None or evaluation not in (None, own):
        dataset = _evaluation(dataset, evaluation)
    if "error" not in dataset.variables:
        raise SpecError(f"evaluation = {shown.value(own)}: this dataset has no 'error' left in it; open it again")
    found = dataset["error"]
    return found if degree is None else found.sel(degree=degree_of(degree, int(found["degree"].max())))


def figure(dataset: xr.Dataset, options: Mapping[str, Any]) -> "Figure":
    """The figure that is asked for, or the first that suits the dataset."""
    from taylorkit.plotting import default_figures, draw
    from taylorkit.plotting.notebook import show

    source, name = _source(dataset), dataset.attrs.get("evaluation")
    if "kind" in options:
        return show(draw(source, options))
    suits = [r for r in default_figures(source) if name is None or r.get("evaluation") == name]
    if not suits:
        raise SpecError("kind: nothing is drawn of this by default; write plot(kind=…), as in [[report.figures]]")
    return show(draw(source, {**suits[0], **options}))


def _source(dataset: xr.Dataset) -> "Source":
    """What figures are drawn from, with the dataset as it is now in place of what it was opened as."""
    from taylorkit import pages
    from taylorkit.plotting import Source

    name = dataset.attrs.get("evaluation")
    path = _path(dataset)
    if name is None and dataset.attrs.get("kind") is None:
        raise SpecError("this dataset is of no artifact: its attribute 'kind' is missing; open it with taylorkit.open")
    if path is None and name is None:
        return Source(dataset)
    whole = pages.source(_required(path))
    if name is None:
        return replace(whole, root=dataset)
    # Opened by plain xarray, an evaluation does not say what its run says.
    return replace(whole, evaluations={name: dataset.assign_attrs({**whole.root.attrs, **dataset.attrs})})


def _evaluation(dataset: xr.Dataset, name: str | None) -> xr.Dataset:
    from taylorkit.store.read import open
    from taylorkit.store.tree import evaluations, existing

    path = _required(_path(dataset))
    names = evaluations(existing(path))
    if name is None and len(names) != 1:
        raise SpecError(f"evaluation: {path} has {', '.join(names) or 'none'}; write error(NAME) with one of them")
    return open(path, names[0] if name is None else name)


def _path(dataset: xr.Dataset) -> Path | None:
    """Where the artifact lies, as taylorkit.open and xarray.open_zarr note it; None where nobody did."""
    source = dataset.encoding.get("source")
    if source is None:
        return None
    path = Path(source)
    if path.is_file():  # a copy, of netCDF perhaps
        return None
    return path.parent.parent if path.parent.name == "evaluation" else path


def _required(path: Path | None) -> Path:
    if path is None:
        raise SpecError(
            "this dataset does not say where its artifact lies (encoding['source']); use taylorkit.open(path), or "
            "taylorkit.open(path, evaluation=NAME) for an evaluation"
        )
    return path
