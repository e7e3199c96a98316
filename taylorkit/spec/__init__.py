"""What a run is: TOML in, a validated spec out.

`fields` says what each kind of spec holds, `load` reads one from TOML with overrides and turns every mistake into one
message with the field, the value and the remedy.
"""

from taylorkit.spec.fields import (
    Evaluation,
    GraphSpec,
    GrowthSpec,
    Spec,
    TaylorSpec,
    TimingSpec,
    Trust,
)
from taylorkit.spec.load import load, parse

__all__ = [
    "Evaluation",
    "GraphSpec",
    "GrowthSpec",
    "Spec",
    "TaylorSpec",
    "TimingSpec",
    "Trust",
    "load",
    "parse",
]
