"""What an array's metadata may say: what `create` writes, and nothing else that a reader of Zarr would follow.

Zarr looks codecs and types up by name among all that is installed. Here a list decides, and sizes must agree with what
is stored, before Zarr sees any of it: a few bytes can promise 2**60 numbers.
"""

from math import prod
from pathlib import Path
from typing import Any

from taylorkit import memory
from taylorkit.errors import IntegrityError
from taylorkit.store.files import document

NUMBERS = {f"float{b}": b // 8 for b in (32, 64)} | {f"{s}int{b}": b // 8 for s in ("", "u") for b in (8, 16, 32, 64)}
TEXT = "string"
CODECS = frozenset(["sharding_indexed", "bytes", "vlen-utf8", "blosc", "crc32c"])
COMPRESSORS = frozenset(["lz4", "zstd"])
FIELDS = frozenset(
    "shape data_type chunk_grid chunk_key_encoding fill_value codecs attributes dimension_names zarr_format node_type "
    "storage_transformers".split()
)
# A single number has no dimensions to name.
NAMELESS = {"dimension_names"}
KEYS = {"name": "default", "configuration": {"separator": "/"}}
# How much a byte on disk may stand for: zstd makes 2**14 zeros of one, little else comes near.
MOST_EXPANSION = 2**15
ALWAYS = 2**20


def require_plain_array(folder: Path) -> None:
    """Raise IntegrityError unless `folder` holds an array as this project writes them, in chunks that can be held."""
    found = document(folder)
    try:
        wrong = _wrong(found)
        chunk = 0 if wrong else prod(_chunk(found)) * NUMBERS.get(found["data_type"], 8)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        wrong = "what it says cannot be followed"
    if wrong:
        raise IntegrityError(f"{folder}: {wrong}; no array that taylorkit wrote")
    if chunk > memory.installed() // 2:
        raise IntegrityError(f"{folder}: reading {chunk / 2**30:.1f} GiB at once takes more memory than there is")


def require_stored(file: Path, needed: int) -> None:
    """Raise IntegrityError where the `needed` bytes of values cannot come out of a file; a lost one has none."""
    try:
        stored = file.stat().st_size if file.is_file() else 0
    except OSError as error:
        raise IntegrityError(f"{file}: cannot be read ({error})") from error
    if needed > max(ALWAYS, MOST_EXPANSION * stored):
        raise IntegrityError(f"{file}: is said to hold {needed} bytes of values, and has {stored}")


def _chunk(found: dict[str, Any]) -> list[int]:
    return found["chunk_grid"]["configuration"]["chunk_shape"]


def _wrong(found: dict[str, Any]) -> str | None:
    """What is not as it must be, in words."""
    shape, chunk = found["shape"], _chunk(found)
    names, codecs = found.get("dimension_names") or [], found["codecs"]
    checks = {
        "it is no array, or has fields that are not known": found.keys() | NAMELESS == FIELDS
        and found["node_type"] == "array",
        f"data_type = {found['data_type']!r:.60}": found["data_type"] in (*NUMBERS, TEXT),
        "its shape is none": _sizes(shape, 0) and _sizes(chunk, 1) and len(shape) == len(chunk),
        "its chunks are larger than it is": all(c <= max(n, 1) for c, n in zip(chunk, shape, strict=True)),
        "its chunks are not named in the usual way": found["chunk_key_encoding"] == KEYS,
        "it has transformers": not found["storage_transformers"],
        "its dimensions have no names": len(names) == len(shape) == len(set(names))
        and all(map(str.isidentifier, names)),
        "it has codecs that are not known": _known(codecs, chunk),
    }
    return next((words for words, right in checks.items() if not right), None)


def _sizes(shape: list[Any], least: int) -> bool:
    return len(shape) <= 64 and all(type(n) is int and least <= n <= 2**53 for n in shape)


def _known(codecs: list[dict[str, Any]], chunk: list[int]) -> bool:
    """Whether these codecs, those inside of shards too, are the ones that are written; inner chunks fill a shard."""
    for codec in codecs:
        name, options = codec["name"], codec.get("configuration") or {}
        if name not in CODECS or (name == "blosc" and options["cname"] not in COMPRESSORS):
            return False
        if name == "sharding_indexed":
            inner = options["chunk_shape"]
            fits = _sizes(inner, 1) and all(n % i == 0 for n, i in zip(chunk, inner, strict=True))
            if not fits or not _known([*options["codecs"], *options["index_codecs"]], chunk) or _nested(options):
                return False
    return True


def _nested(options: dict[str, Any]) -> bool:
    return any(c["name"] == "sharding_indexed" for c in (*options["codecs"], *options["index_codecs"]))
