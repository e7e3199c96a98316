"""From a reference to a function, and what is refused before any of its code runs."""

import sys
from pathlib import Path

import pytest

from taylorkit.errors import FunctionError
from taylorkit.functions import TABLE, Function
from taylorkit.loading import find_function

SOURCE = """
import jax.numpy as jnp
from pathlib import Path

Path(__file__).with_name("ran").touch()
scale = 3.0


def wave(x):
    return scale * jnp.sin(x)


class Kept:
    @staticmethod
    def inner(x):
        return x
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(SOURCE)
    return tmp_path


@pytest.fixture
def module_name(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A module of a name that no other test imports."""
    return f"module_of_{abs(hash(request.node.nodeid))}"


def test_a_name_of_the_table(tmp_path: Path) -> None:
    assert find_function("runge", tmp_path) is TABLE["runge"]


@pytest.mark.parametrize(
    ("name", "meant"), [("rungee", "runge"), ("sin_plus_cosine", "sin_plus_cos"), ("Rosenbrock", "rosenbrock")]
)
def test_did_you_mean(tmp_path: Path, name: str, meant: str) -> None:
    message = rf"function = '{name}': no such name; did you mean '{meant}'\? known: sin_plus_cos, .*'my_file.py:name'"
    with pytest.raises(FunctionError, match=message):
        find_function(name, tmp_path)


def test_nothing_like_it(tmp_path: Path) -> None:
    with pytest.raises(FunctionError, match=r"function = 'zzz': no such name; known: sin_plus_cos"):
        find_function("zzz", tmp_path)


def test_a_file_from_the_folder_of_the_spec(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    found = find_function("mine.py:wave", folder)
    assert isinstance(found, Function) and found.name == "wave" and found.source == "mine.py:wave"
    assert found.function(0.0) == 0.0
    assert str(folder) not in sys.path


def test_a_file_in_another_folder(folder: Path) -> None:
    (folder / "below").mkdir()
    assert find_function("../mine.py:wave", folder / "below").function(0.0) == 0.0
    assert find_function(f"{folder / 'mine.py'}:wave", Path("/")).function(0.0) == 0.0


def test_a_file_may_import_its_neighbours(folder: Path, module_name: str) -> None:
    (folder / f"{module_name}.py").write_text("factor = 7")
    (folder / "user.py").write_text(f"from {module_name} import factor\n\ndef f(x):\n    return factor * x\n")
    assert find_function("user.py:f", folder).function(2) == 14


def test_something_inside_of_a_class(folder: Path) -> None:
    assert find_function("mine.py:Kept.inner", folder).function(5) == 5


def test_an_entry_of_ones_own(folder: Path) -> None:
    (folder / "entry.py").write_text(
        "from taylorkit.functions import Function\n"
        'cube = Function("cube", lambda x: x**3, "x^3", "f(x)", ("x",), "a file of one\'s own")\n'
    )
    found = find_function("entry.py:cube", folder)
    assert found.latex == "x^3" and found.function(2) == 8


def test_an_unchanged_file_gives_the_same_function_an_edited_one_a_new(folder: Path) -> None:
    first = find_function("mine.py:wave", folder).function
    assert find_function("mine.py:wave", folder).function is first
    (folder / "mine.py").write_text(SOURCE.replace("3.0", "4.0"))
    edited = find_function("mine.py:wave", folder).function
    assert edited is not first and edited(1.0) == pytest.approx(float(first(1.0)) * 4 / 3)
    assert find_function("mine.py:wave", folder).function is edited


def test_an_edited_neighbour_gives_a_new_function(folder: Path, module_name: str) -> None:
    beside = folder / f"{module_name}.py"
    beside.write_text("factor = 7")
    (folder / "user.py").write_text(f"from {module_name} import factor\n\ndef f(x):\n    return factor * x\n")
    first = find_function("user.py:f", folder).function
    assert find_function("user.py:f", folder).function is first
    beside.write_text("factor = 8888")
    assert find_function("user.py:f", folder).function(1) == 8888


def test_neighbours_of_one_name_in_two_folders(tmp_path: Path, module_name: str) -> None:
    for factor, place in enumerate(("one", "two")):
        (tmp_path / place).mkdir()
        (tmp_path / place / f"{module_name}.py").write_text(f"factor = {factor}")
        (tmp_path / place / "user.py").write_text(f"from {module_name} import factor\n\ndef f(x):\n    return factor\n")
    assert [find_function("user.py:f", tmp_path / place).function(0) for place in ("one", "two")] == [0, 1]


def test_a_module(folder: Path, module_name: str) -> None:
    (folder / f"{module_name}.py").write_text("def f(x):\n    return x + 1\n")
    package = folder / f"{module_name}_package"
    package.mkdir()
    (package / "inner.py").write_text("def f(x):\n    return x + 2\n")
    assert find_function(f"{module_name}:f", folder).function(1) == 2
    assert find_function(f"{module_name}_package.inner:f", folder).function(1) == 3
    assert find_function("math:sqrt", folder).function(4.0) == 2.0


def test_a_module_of_pythons_own_is_not_taken_for_it(folder: Path) -> None:
    (folder / "threading.py").write_text("def f(x):\n    return 5\n")
    with pytest.raises(FunctionError, match=r"'threading' is loaded from .* already, not from .*threading\.py"):
        find_function("threading:f", folder)
    assert find_function("threading.py:f", folder).function(0) == 5


def test_a_module_of_the_same_name_elsewhere_is_not_taken_for_it(folder: Path, module_name: str) -> None:
    for place in ("one", "two"):
        (folder / place).mkdir()
        (folder / place / f"{module_name}.py").write_text(f"def f(x):\n    return '{place}'\n")
    assert find_function(f"{module_name}:f", folder / "one").function(0) == "one"
    assert find_function(f"{module_name}:f", folder / "two").function(0) == "two"
    assert find_function(f"{module_name}:f", folder / "one").function(0) == "one"
    assert find_function(f"{module_name}.py:f", folder / "two").function(0) == "two"


MISTAKES = {
    "no such file": ("other.py:f", r"function: no file .*/other\.py; the path is taken from the spec's folder"),
    "no such module": (
        "no_such_module_at_all:f",
        r"module 'no_such_module_at_all' could not be imported.*'name.py:function'",
    ),
    "no such name": ("mine.py:sine", r"function = 'mine.py:sine': mine.py has no function 'sine'; it has .*wave"),
    "no function": ("mine.py:scale", r"mine.py has no function 'scale'"),
    "what it imports": ("mine.py:jnp.sin", r"mine.py has no function 'jnp.sin'"),
    "no such attribute": ("mine.py:Kept.outer", r"mine.py has no function 'Kept.outer'"),
    "a folder": (".:f", r"could not be imported"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(folder: Path, name: str) -> None:
    reference, message = MISTAKES[name]
    with pytest.raises(FunctionError, match=message):
        find_function(reference, folder)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def f(:", "SyntaxError"),
        ("import no_such_module_at_all", "ModuleNotFoundError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
    ids=["raises", "syntax", "import", "exit"],
)
def test_a_file_that_raises(tmp_path: Path, code: str, said: str) -> None:
    (tmp_path / "broken.py").write_text(code)
    for _ in range(2):
        with pytest.raises(FunctionError, match=rf"function: .*broken\.py raised {said}"):
            find_function("broken.py:f", tmp_path)


def test_a_module_that_raises(tmp_path: Path, module_name: str) -> None:
    (tmp_path / f"{module_name}.py").write_text("1 / 0")
    with pytest.raises(FunctionError, match=rf"module '{module_name}' could not be imported \(ZeroDivisionError"):
        find_function(f"{module_name}:f", tmp_path)


class TestTrusted:
    """Where only some folders are trusted, nothing outside of them runs."""

    def test_a_trusted_file(self, folder: Path) -> None:
        assert find_function("mine.py:wave", folder, [folder]).name == "wave"
        assert find_function("mine.py:wave", folder, [Path("/nowhere"), folder.parent]).name == "wave"

    @pytest.mark.parametrize("trusted", [[], ["inside"]])
    def test_a_file_elsewhere(self, folder: Path, trusted: list[str]) -> None:
        (folder / "inside").mkdir()
        with pytest.raises(FunctionError, match=r"mine\.py is outside of the folders that this deployment trusts"):
            find_function("mine.py:wave", folder, [folder / name for name in trusted])
        assert not (folder / "ran").exists()

    def test_dots_do_not_lead_out(self, folder: Path) -> None:
        (folder / "inside").mkdir()
        with pytest.raises(FunctionError, match="outside"):
            find_function("../mine.py:wave", folder / "inside", [folder / "inside"])
        assert not (folder / "ran").exists()

    def test_links_do_not_lead_out(self, folder: Path) -> None:
        (folder / "inside").mkdir()
        (folder / "inside" / "link.py").symlink_to(folder / "mine.py")
        with pytest.raises(FunctionError, match="outside"):
            find_function("link.py:wave", folder / "inside", [folder / "inside"])
        assert not (folder / "ran").exists()

    def test_a_name_that_only_begins_alike(self, folder: Path) -> None:
        with pytest.raises(FunctionError, match="outside"):
            find_function("mine.py:wave", folder, [folder.with_name(folder.name[:-1])])

    def test_a_module_elsewhere(self, folder: Path, module_name: str) -> None:
        package = folder / module_name
        package.mkdir()
        (package / "__init__.py").write_text(SOURCE)
        (package / "inner.py").write_text(SOURCE)
        for reference in (f"{module_name}:wave", f"{module_name}.inner:wave"):
            with pytest.raises(FunctionError, match="outside"):
                find_function(reference, folder, [folder / "inside"])
        assert not (package / "ran").exists()
        assert find_function(f"{module_name}.inner:wave", folder, [folder]).name == "wave"

    @pytest.mark.parametrize("reference", ["sys:exit", "builtins:eval", "os:system", "json:loads", "jax.numpy:sin"])
    def test_python_itself(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str) -> None:
        monkeypatch.chdir(tmp_path)
        with pytest.raises(FunctionError, match="outside"):
            find_function(reference, tmp_path, [tmp_path, Path.cwd()])

    def test_the_table_is_trusted(self, tmp_path: Path) -> None:
        assert find_function("runge", tmp_path, []) is TABLE["runge"]
