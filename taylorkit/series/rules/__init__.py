"""Rules by family; importing this package registers them all."""

from taylorkit.series.rules import (
    arithmetic,
    control,
    elementary,
    factorizations,
    incomplete,
    kinks,
    linalg,
    powers,
    products,
    reductions,
    sorting,
    special,
    spectra,
    spence,
    structure,
)

__all__ = [
    "arithmetic",
    "control",
    "elementary",
    "factorizations",
    "incomplete",
    "kinks",
    "linalg",
    "powers",
    "products",
    "reductions",
    "sorting",
    "special",
    "spectra",
    "spence",
    "structure",
]
