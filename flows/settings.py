"""Prefect as this project needs it, set before Prefect is imported; whatever the environment says already stays.

The home is private to the checkout, so that a run neither needs nor disturbs anyone's Prefect. The embedded server
migrates a database at its first start, which can take longer than the 20 seconds that Prefect grants it.
"""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

# Where specs are looked for and artifacts go, unless somebody says otherwise.
SPECS, STORE = "data/specs", "data/artifacts"

# Where blocks are computed, and what is left out, unless somebody says otherwise.
HERE = "here"
NOTHING: list[str] = []

EMBEDDED = "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"
SETTINGS = {
    "PREFECT_HOME": str(CHECKOUT / ".prefect"),
    EMBEDDED: "120",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
}


def apply() -> None:
    """Put the settings into the environment."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
