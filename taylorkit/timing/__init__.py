"""Benchmarks whose numbers an artifact of kind "timing" keeps.

| suite | asks |
|---|---|
| `orders` | how do compile time and run time of nesting and of Taylor mode grow with the order? |
| `jacobians` | which end of the chain rule is it cheaper to start from, inputs or outputs? |

Both interleave what they compare, so that a machine that slows down slows all of it, and report
medians.
"""

from taylorkit.timing.jacobians import jacobians_table
from taylorkit.timing.orders import orders_table

__all__ = ["jacobians_table", "orders_table"]
