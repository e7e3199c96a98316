"""How numbers are compressed: the names that a spec may give, and what they mean.

All end in crc32c, which finds every flipped bit. Blosc shuffles bytes, so that exponents of neighbours come together.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numcodecs.blosc import SHUFFLE, Blosc
from zarr.codecs import BloscCodec, Crc32cCodec

CHECKED = Crc32cCodec()

BLOSC: dict[str, dict[str, Any]] = {"lz4": {"cname": "lz4", "clevel": 5}, "zstd": {"cname": "zstd", "clevel": 1}}

# As Zarr's metadata has them, and as functions of a chunk.
CODECS: dict[str, tuple[Any, ...]] = {
    **{name: (BloscCodec(**options, shuffle="shuffle"), CHECKED) for name, options in BLOSC.items()},
    "none": (CHECKED,),
}
ENCODERS: dict[str, Callable[[np.ndarray], Any]] = {
    **{name: Blosc(**options, shuffle=SHUFFLE).encode for name, options in BLOSC.items()},
    "none": lambda chunk: chunk.reshape(-1).view(np.uint8),
}


def of(array: Any) -> str:
    """The name of what a Zarr array of numbers is compressed with, as its metadata say."""
    codec = array.compressors[0]
    # An enumeration up to Zarr 3.3, text from there on.
    return str(getattr(codec.cname, "value", codec.cname)) if isinstance(codec, BloscCodec) else "none"
