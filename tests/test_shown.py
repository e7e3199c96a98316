"""What messages show of what somebody wrote."""

import pytest

from taylorkit import shown

VALUES = {
    "number": (2, "2"),
    "text": ("x", "'x'"),
    "nested": ([[[[[[[1]]]]]]], "[[[[[...]]]]]"),
    "escape": ("\x1b[2J", r"'\x1b[2J'"),
    "huge": (16**5000, "a whole number of 20001 bits"),
}


@pytest.mark.parametrize(("value", "said"), VALUES.values(), ids=VALUES)
def test_values(value: object, said: str) -> None:
    assert shown.value(value) == said


def test_what_is_long_is_cut() -> None:
    assert len(shown.value("x" * 10**6)) < 300
    assert len(shown.value(list(range(10**5)))) < 300
    assert len(shown.name("k" * 10**6)) <= shown.LONGEST_NAME
    assert len(shown.lines("a" * 10**6 + "\nb").split("\n")[0]) <= shown.LONGEST_LINE + 1


def test_words_stay_and_what_a_terminal_obeys_does_not() -> None:
    assert shown.lines("∂²f, 10⁻⁷\n  second line") == "∂²f, 10⁻⁷\n  second line"
    assert shown.printable("a\x1bb\u202ec\udcffd\u2028") == r"a\x1bb\u202ec\udcffd\u2028"
    assert shown.name("a\nb") == r"a\nb"
