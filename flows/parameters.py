"""What the flows take: types whose descriptions are those of the form on Prefect's pages."""

from typing import Annotated

from pydantic import Field

from flows.settings import SPECS

Spec = Annotated[str, Field(description="Path of a TOML spec.", examples=[f"{SPECS}/mml-5-15.toml"])]
Overrides = Annotated[
    list[str],
    Field(description="Fields of the spec to override, each as field=value.", examples=[["order=6", "grid.x.num=50"]]),
]
Folder = Annotated[str, Field(description="Folder of TOML specs; all of them are run.")]
Store = Annotated[str, Field(description="Folder of artifacts.")]
Artifacts = Annotated[
    list[str],
    Field(description="Names of artifacts of the store, such as mml-5-15-*; without any, all of them."),
]
Runner = Annotated[
    str,
    Field(
        description="Where blocks are computed: `here`, `dask` (a cluster on this machine, for the run), or the "
        "address of a Dask scheduler, such as tcp://10.0.0.5:8786, whose workers see the same folders.",
        examples=["here", "dask", "tcp://10.0.0.5:8786"],
    ),
]

NOTHING: list[str] = []
HERE = "here"
