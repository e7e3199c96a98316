"""The folders that a deployment trusts: it runs what others ask for, and neither runs nor reads what lies elsewhere.

`None` in the place of the folders trusts every place, as a run from a shell does.
"""

from collections.abc import Sequence
from pathlib import Path

from taylorkit import shown
from taylorkit.errors import FunctionError, SpecError, TaylorkitError

Folders = Sequence[Path] | None


def covers(folders: Folders, path: Path) -> bool:
    """Whether `path` lies in one of the folders, links followed."""
    return folders is None or any(path.resolve().is_relative_to(folder.resolve()) for folder in folders)


def require_code(path: Path, folders: Folders) -> None:
    """Raises FunctionError where a file of code lies outside of the folders."""
    _require(path, folders, "function", FunctionError)


def require_data(path: Path, folders: Folders, field: str) -> None:
    """Raises SpecError where the file of a field lies outside of the folders, whatever is there."""
    _require(path, folders, field, SpecError)


def _require(path: Path, folders: Folders, field: str, error: type[TaylorkitError]) -> None:
    if not covers(folders, path):
        raise error(
            f"{field}: {shown.name(str(path))} is outside of the folders that this deployment trusts "
            f"({', '.join(map(str, folders or ())) or 'none'}); move it there, or run it with `taylorkit run`"
        )
