"""Rules by family; importing this package registers them all."""

from taylorkit.series.rules import (
    arithmetic,
    control,
    elementary,
    kinks,
    linalg,
    powers,
    structure,
)

__all__ = ["arithmetic", "control", "elementary", "kinks", "linalg", "powers", "structure"]
