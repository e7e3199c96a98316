"""Figures in a notebook: each one that a call returns is shown once, as pyplot's are, though pyplot has no part in it.

A notebook shows the value of a cell's last expression. What is assigned, or followed by other lines, it does not show;
such figures are shown when the cell has run, as it left them.
"""

import sys
from io import BytesIO
from typing import Any

from matplotlib.figure import Figure as Plain

_waiting: list["Figure"] = []


class Figure(Plain):
    """A Matplotlib figure that a notebook shows as one picture, whether `%matplotlib inline` was said or not."""

    def _ipython_display_(self) -> None:
        if self in _waiting:
            _waiting.remove(self)
        if _shell() is None:
            print(repr(self))
            return
        from IPython.display import Image, display

        data = BytesIO()
        self.savefig(data, format="png")
        display(Image(data.getvalue()))


def show(figure: Plain) -> Plain:
    """`figure`, which a notebook will show by the end of the running cell; elsewhere nothing is done."""
    shell = _shell()
    if shell is not None and isinstance(figure, Figure):
        _waiting.append(figure)
        shell.events.register("post_execute", _show_waiting)
    return figure


def _show_waiting() -> None:
    shell = _shell()
    if shell is not None:
        shell.events.unregister("post_execute", _show_waiting)
    while _waiting:
        _waiting[0]._ipython_display_()


def _shell() -> Any:
    """The notebook's shell; None outside of a notebook, and in a terminal, which shows no pictures."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell if hasattr(shell, "kernel") else None
