"""What the README says is what happens."""

import re
from pathlib import Path

import numpy as np
import pytest

import taylorkit as tk
from taylorkit import cli

ROOT = Path(__file__).parents[1]


def blocks(section: str) -> dict[str, str]:
    """The code blocks of a section, by language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL))


def test_ten_lines_make_the_figure(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    code = blocks("Your own function, in ten lines")
    assert len([line for block in code.values() for line in block.splitlines() if line]) == 10
    (tmp_path / "swing.py").write_text(code["python"])
    (tmp_path / "swing.toml").write_text(code["toml"])
    assert cli.main(["run", str(tmp_path / "swing.toml"), "--store", str(tmp_path / "store")]) == 0
    artifact = Path(capsys.readouterr().out.splitlines()[-1])
    (picture,) = (tmp_path / "store" / "pages").glob("*/figures/*.png")
    assert picture.name == "01-approximations.png"
    dataset = tk.open(artifact)
    # e^{x/4} sin(x + ½) = Im e^{(¼ + i) x + i/2}, so its k-th derivative at 0 is Im (¼ + i)^k e^{i/2}.
    exact = ((0.25 + 1j) ** np.arange(11) * np.exp(0.5j)).imag
    np.testing.assert_allclose(dataset["derivatives"].values.ravel(), exact, rtol=0, atol=1e-14 * abs(exact).max())
    x = np.linspace(-1, 1, 5)
    f = np.exp(x / 4) * np.sin(x + 0.5)
    np.testing.assert_allclose(dataset.taylor(x=x).values.ravel(), f, atol=2e-7)  # the first term left out, 1.4/11!
