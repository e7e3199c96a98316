"""The documentation site, built by `make docs`. Nothing is fetched while it is built, nor while it is read."""

import os
import sys
from pathlib import Path

# The checkout that is documented, and the extensions.
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# What XLA says of kernels that another processor compiled would be an error of the notebook.
os.environ["TAYLORKIT_CACHE"] = ""

import taylorkit

project, author, copyright = "taylorkit", "the authors of taylorkit", "the authors of taylorkit"
version = release = taylorkit.__version__

extensions = [
    "myst_nb",
    "extensions.mathml",
    "extensions.api",
    "extensions.names",
    "extensions.specs",
    "extensions.lists",
]
exclude_patterns = ["extensions", "static"]
nitpicky = True
toc_object_entries_show_parents = "hide"

# Pages are read on GitHub, too: its ways to write formulas, and its anchors.
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 4

# The notebook must run, from its first cell to its last, without a warning on its page.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_output_stderr = "error"

html_theme = "furo"
html_title = f"taylorkit {version}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
