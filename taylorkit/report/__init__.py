"""An artifact's page and a store's index: self-contained HTML, from stored data alone.

Nothing that an artifact says is trusted: text is escaped, formulas are rebuilt from a list of known elements, and a
page asks no network and runs no script but those beside the templates, whose digests its policy names. Without
scripts it shows all that it has but the explorer.
"""

from taylorkit.report.index import Entry, write_index, write_thumbnail
from taylorkit.report.page import requests, write_page

__all__ = ["Entry", "requests", "write_index", "write_page", "write_thumbnail"]
