"""Where a store or an artifact lies: a folder of this machine, given as a path. Object stores come later.

An address with a scheme would otherwise be taken for a relative path, and a run would fill a folder `./s3:`.
"""

import os
import re
from pathlib import Path

from taylorkit import shown
from taylorkit.errors import SpecError

# A path keeps one slash of two, so one is enough: `s3:/bucket`. Chained addresses go on with a second colon.
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):(?=[/\\:]|$)")
# Schemes after which anything may stand.
KNOWN = re.compile(r"(s3a?|gs|gcs|az|abfss?|adl|wasbs?|hdfs|https?|ftps?|sftp|ssh|file|memory|zip|data|github):", re.I)


def local(address: str | os.PathLike[str], field: str = "store") -> Path:
    """The path of a store or an artifact. Raises SpecError, with `field`, for an address that is no path here."""
    text = os.fspath(address)
    if found := SCHEME.match(text) or KNOWN.match(text):
        raise SpecError(
            f"{field} = {shown.value(text)}: is an address of {found[1]!r}, and no path of this machine; only "
            f"those can be opened: write a path (one that begins so as ./{found[1]}:…, or from the root)"
        )
    path = Path(address)
    # Of `./s3:` Python keeps `s3:` alone, which the next who looks would refuse.
    return path.absolute() if SCHEME.match(str(path)) or KNOWN.match(str(path)) else path
