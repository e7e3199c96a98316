"""What a reader can explore on a page: evaluations over one or two axes, with the polynomials behind them.

The page's scripts evaluate T_k themselves, so the page carries, in float64:

    centers      rows (N, D) and coefficients (N, S, P); the first of them, in C order, along the axes of `picks`
    evaluations  f at the points (S, *axes), the centre of each point, and the errors that the artifact holds

All of it is bounded. Beyond the bounds every so manieth point or centre is kept, and the page says so.
"""

from taylorkit.report.explore.evaluations import explorer

__all__ = ["explorer"]
