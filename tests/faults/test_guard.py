"""In a deployment no code runs that lies outside of the trusted folders and of what is installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from taylorkit.errors import FunctionError
from taylorkit.loading import find_function

MARK = "from pathlib import Path\nPath(__file__).with_suffix('.ran').touch()\n"
F = "def f(x):\n    return x\n"


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """A folder that is trusted, and that of the spec, which is not."""
    trusted, specs = tmp_path / "trusted", tmp_path / "specs"
    for folder in (trusted, specs):
        folder.mkdir()
    return trusted, specs


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A module of a name that no other test imports."""
    return f"guarded_{abs(hash(request.node.nodeid))}"


def ran(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.ran"))


def package(folder: Path, name: str, module: str, text: str) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / f"{module}.py").write_text(text)


def test_fault_S4_a_namespace_package_has_a_second_part(
    places: tuple[Path, Path], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, specs = places
    package(trusted, name, "good", F)
    package(specs, name, "evil", MARK + F)
    for path in (specs, trusted):
        monkeypatch.syspath_prepend(str(path))
    with pytest.raises(FunctionError, match="outside of the folders"):
        find_function(f"{name}.evil:f", specs, [trusted])
    with pytest.raises(FunctionError, match="outside of the folders"):
        find_function(f"{name}.evil:f", trusted, [trusted])
    assert ran(specs) == []
    assert find_function(f"{name}.evil:f", specs, [trusted, specs]).function(1) == 1
    assert ran(specs)


@pytest.mark.parametrize("form", ["import {}", "from {} import f", "import {}.inner", "__import__('{}')"])
@pytest.mark.parametrize("reference", ["{}_user.py:g", "{}_user:g", "{}_pack.user:g"])
def test_fault_S4_a_trusted_file_imports_a_name_of_the_specs_folder(
    places: tuple[Path, Path], name: str, form: str, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the folder is Python's current one, or on its path."""
    trusted, specs = places
    text = f"{form.format(name)}\ndef g(x):\n    return x\n"
    (trusted / f"{name}_user.py").write_text(text)
    package(trusted, f"{name}_pack", "user", text)
    if "inner" in form:
        package(specs, name, "__init__", MARK)
        package(specs, name, "inner", MARK)
    else:
        (specs / f"{name}.py").write_text(MARK + F)
    monkeypatch.syspath_prepend(str(trusted))
    asked = reference.format(name)
    asked = f"{trusted}/{asked}" if ".py:" in asked else asked
    with pytest.raises(FunctionError, match=rf"No module named '{name}"):
        find_function(asked, specs, [trusted])
    monkeypatch.syspath_prepend(str(specs))
    with pytest.raises(FunctionError, match=rf"ImportError: module '{name}': .* outside of the folders"):
        find_function(asked, specs, [trusted])
    assert ran(specs) == []
    assert find_function(asked, specs, [trusted, specs]).function(2) == 2
    assert ran(specs)


def test_fault_S4_a_trusted_package_leads_elsewhere(places: tuple[Path, Path], name: str) -> None:
    trusted, specs = places
    (trusted / name).mkdir()
    (trusted / name / "__init__.py").write_text(f"__path__.append({str(specs)!r})\n")
    (specs / "evil.py").write_text(MARK + F)
    (trusted / name / "link.py").symlink_to(specs / "evil.py")
    for module in ("evil", "link"):
        with pytest.raises(FunctionError, match="outside of the folders"):
            find_function(f"{name}.{module}:f", trusted, [trusted])
    assert ran(specs) == []


def test_fault_S4_the_current_folder_is_not_trusted(places: tuple[Path, Path], name: str) -> None:
    """As in the processes of a deployment, whose path begins with the folder in which they were started."""
    trusted, specs = places
    (trusted / "user.py").write_text(f"try:\n    import {name}\nexcept ImportError:\n    pass\nimport colorsys\n{F}")
    (specs / f"{name}.py").write_text(MARK)
    code = (
        "import sys; from pathlib import Path; from taylorkit.loading import find_function as find; "
        f"found = find({str(trusted / 'user.py:f')!r}, Path.cwd(), [Path({str(trusted)!r})]); "
        "sys.exit(found.function(7) + len([one for one in sys.meta_path if 'Guard' in type(one).__name__]))"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", code], cwd=specs, env={**os.environ, "PYTHONPATH": root}, check=False)
    assert done.returncode == 7
    assert ran(specs) == []


def test_fault_S4_what_is_installed_may_be_imported(places: tuple[Path, Path], name: str) -> None:
    trusted, _ = places
    (trusted / f"{name}.py").write_text("factor = 3\n")
    (trusted / "user.py").write_text(
        f"import ftplib\nimport mpmath.calculus.odes\nimport taylorkit.growth\nfrom {name} import factor\n"
        "def f(x):\n    return factor * x\n"
    )
    assert find_function("user.py:f", trusted, [trusted]).function(2) == 6
    assert not [finder for finder in sys.meta_path if "Guard" in type(finder).__name__]
