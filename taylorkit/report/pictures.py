"""Pictures of a page: within it as data, smaller where it would be too large, and the folder of files beside it."""

import base64
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from taylorkit.store.files import contents

__all__ = ["BESIDE", "SMALLER", "data", "fitted", "shrunk", "sweep"]

# Pixels of a picture that gives way to the size of a page; it has 256 colours.
SMALL = (800, 800)
SMALLER = "Smaller here than it is drawn, to keep the page light: the PNG has every detail."
BESIDE = "Beside the page only, to keep it light: the PNG shows it."
# Characters of a page that such a note takes, at most.
NOTED = 200


def data(picture: bytes, kind: str = "png") -> str:
    """A picture as a data URI."""
    return f"data:image/{kind};base64," + base64.b64encode(picture).decode("ascii")


def fitted(whole: Sequence[str], files: Sequence[Path], room: int) -> list[tuple[str, str]]:
    """Data URIs that take `room` characters at most, and what a reader must be told of each ("" of a whole one).

    `whole` are those of the pictures as they are, `files` their PNGs. The first ones stay whole while there is room for
    the others to be smaller; in the end there is none at all, "".
    """
    left = room - NOTED * len(whole)
    smaller = [
        min(data(shrunk(file, SMALL, palette=True)), uri, key=len) for file, uri in zip(files, whole, strict=True)
    ]
    rest = sum(map(len, smaller))
    found: list[tuple[str, str]] = []
    for uri, small in zip(whole, smaller, strict=True):
        rest -= len(small)
        if len(uri) + rest <= left:
            found.append((uri, ""))
        elif len(small) <= left:
            found.append((small, "" if small == uri else SMALLER))
        else:
            found.append(("", BESIDE))
        left -= len(found[-1][0])
    return found


def shrunk(path: Path, most: tuple[int, int], *, palette: bool = False) -> bytes:
    """A PNG, at most as large as `most`, with a `palette` a quarter of its bytes; as it stands where it is no larger.

    Raises OSError or what else Pillow does where it is no picture.
    """
    found = contents(path)
    with Image.open(BytesIO(found), formats=["PNG"]) as image:
        if image.width <= most[0] and image.height <= most[1]:
            image.load()  # what is no picture fails here
            return found
        small = image.convert("RGB")
    small.thumbnail(most)
    buffer = BytesIO()
    # Octrees keep black black and take a sixth of the time of a median cut.
    (small.quantize(method=Image.Quantize.FASTOCTREE) if palette else small).save(buffer, "PNG")
    return buffer.getvalue()


def sweep(folder: Path, kept: set[Path]) -> None:
    """Remove the figures of an earlier page, and pictures that nobody drew: what lies there is what the page shows.

    A folder under such a name stays: whatever is in it, it is no figure.
    """
    pictures = {path for pattern in ("*.png", "*.svg") for path in folder.glob(pattern)}
    for old in pictures - kept:
        if old.is_symlink() or not old.is_dir():
            old.unlink(missing_ok=True)
