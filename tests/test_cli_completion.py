"""Completion, as each shell takes it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from taylorkit import cli
from taylorkit.cli.arguments import SHELLS


@pytest.fixture
def scripts(tmp_path: Path, capsys: pytest.CaptureFixture) -> dict[str, Path]:
    written = {}
    for shell in SHELLS:
        assert cli.main(["completion", shell]) == 0
        written[shell] = tmp_path / f"completion.{shell}"
        written[shell].write_text(capsys.readouterr().out)
    return written


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a spec, a file that is none, and an artifact."""
    (tmp_path / "place" / "specs").mkdir(parents=True)
    (tmp_path / "place" / "made.zarr").mkdir()
    for name in ("one.toml", "specs/two.toml", "specs/notes.txt", "table.csv"):
        (tmp_path / "place" / name).touch()
    return tmp_path / "place"


CASES = {
    "": "run check report verify why compare list doctor serve completion",
    "ver": "verify",
    "run ": "one.toml made.zarr specs",
    "run specs/": "specs/two.toml",
    "--debug check o": "one.toml",
    "verify ": "made.zarr specs",
    "verify made.zarr m": "made.zarr",
    "why made.zarr o": "one.toml",
    "run one.toml --store m": "made.zarr",
    "list m": "made.zarr",
    "run --no": "--no-report",
    "completion ": "bash zsh fish",
}


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize("typed", CASES)
def test_bash(typed: str, scripts: dict[str, Path], place: Path) -> None:
    """Its own function, called as bash calls it."""
    code = (
        'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
        "$(complete -p taylorkit | sed 's/.*-F \\([^ ]*\\).*/\\1/'); printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    words = ["bash", "--norc", "-c", code, "bash", str(scripts["bash"]), "taylorkit", *typed.split(" ")]
    done = subprocess.run(words, capture_output=True, text=True, cwd=place)
    assert sorted(done.stdout.split()) == sorted(CASES[typed].split()), done.stderr


@pytest.mark.skipif(not shutil.which("fish"), reason="needs fish")
@pytest.mark.parametrize("typed", ["ver", "run o", "completion f"])
def test_fish(typed: str, scripts: dict[str, Path], place: Path) -> None:
    code = f"source {scripts['fish']}; complete -C 'taylorkit {typed}'"
    done = subprocess.run(["fish", "--no-config", "-c", code], capture_output=True, text=True, cwd=place)
    assert {"ver": "verify", "run o": "one.toml", "completion f": "fish"}[typed] in done.stdout.split(), done.stderr


@pytest.mark.parametrize(("shell", "check"), [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")])
def test_scripts_can_be_parsed(shell: str, check: str, scripts: dict[str, Path]) -> None:
    if not shutil.which(shell):
        pytest.skip(f"needs {shell}")
    subprocess.run([shell, check, str(scripts[shell])], check=True)


def test_each_shell_knows_commands_and_paths(scripts: dict[str, Path]) -> None:
    """Those shells, too, that are not here."""
    for shell, of_specs, of_folders in (
        ("bash", "_shtab_glob_compgen", "_shtab_compgen_dirs"),
        ("zsh", "_files -g '*.toml'", "_files -/"),
        ("fish", "_shtab_glob_compgen", "__fish_complete_directories"),
    ):
        text = scripts[shell].read_text()
        assert all(word in text for word in ("taylorkit", "verify", "no-report", of_specs, of_folders))
