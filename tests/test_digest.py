"""Digests: of decoded values, whatever their layout; of plain values, whatever their spelling."""

import numpy as np
import pytest

from taylorkit import digest

VALUES = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize(
    "same",
    [
        np.asfortranarray(VALUES),
        VALUES.astype(">f8"),
        np.repeat(VALUES, 2, axis=1)[:, ::2],
        VALUES[::-1][::-1],
    ],
    ids=["fortran", "big-endian", "strided", "reversed-twice"],
)
def test_layout_does_not_matter(same: np.ndarray) -> None:
    assert digest.of_array(same) == digest.of_array(VALUES)


@pytest.mark.parametrize(
    "other",
    [VALUES.T, VALUES.astype(np.float32), np.nextafter(VALUES, 1), np.where(VALUES == 0, -0.0, VALUES)],
    ids=["transposed", "single", "last-bit", "signed-zero"],
)
def test_values_do(other: np.ndarray) -> None:
    assert digest.of_array(other) != digest.of_array(VALUES)


def test_every_kind_of_array_has_one() -> None:
    arrays = [
        np.array(3.0),
        np.zeros((0, 2)),
        np.array([True]),
        np.array([np.nan]),
        np.array(["a", "b"]),
        np.array(["ab"], object),
    ]
    assert len({digest.of_array(a) for a in arrays}) == len(arrays)
    assert digest.of_array(np.array(["a", "b"])) == digest.of_array(np.array(["a", "b"], object))


def test_spelling_does_not_matter() -> None:
    assert digest.of_value({"a": 1, "b": [1.0]}) == digest.of_value({"b": [1], "a": 1.0})
    assert digest.of_value([1, 2]) != digest.of_value([2, 1])


def test_a_tag_keeps_kinds_apart() -> None:
    assert digest.fingerprint("evaluation", 1) != digest.fingerprint("derivatives", 1)


def test_blake3_is_what_it_says() -> None:
    """The published test vector of the empty input."""
    assert digest.of_bytes(b"") == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
