"""An artifact's page and a store's index: self-contained HTML, from stored data alone.

Nothing that an artifact says is trusted: text is escaped, formulas are rebuilt from a list of known elements, and a
page runs no script and asks no network.
"""

from taylorkit.report.index import Entry, write_index, write_thumbnail
from taylorkit.report.page import requests, write_page

__all__ = ["Entry", "requests", "write_index", "write_page", "write_thumbnail"]
