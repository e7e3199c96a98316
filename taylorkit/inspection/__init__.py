"""What one trace of f tells beforehand.

| module | asks |
|---|---|
| `report` | the report, and how it reads |
| `rules` | which rule of `series` serves each primitive |
| `support` | what cannot be differentiated, and in which line of the user's code |
| `operations` | what all derivatives of one point cost |
| `reasons` | why a method was chosen, and what its user should know |
"""

from taylorkit.inspection.report import Preflight, inspect, preflight
from taylorkit.inspection.support import obstacles, require_differentiable

__all__ = ["Preflight", "inspect", "obstacles", "preflight", "require_differentiable"]
