"""An artifact's page: everything that it holds, nothing that it should not."""

import base64
import dataclasses
import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from taylorkit.errors import SpecError
from taylorkit.plotting import Source, default_figures
from taylorkit.report import page as module
from taylorkit.report import pictures, write_page
from taylorkit.report.arrays import written
from taylorkit.report.pictures import data, shrunk
from taylorkit.report.template import FOLDER
from tests.plotting import synthetic
from tests.report.reading import Page

ATTACK = "<script>alert(1)</script>"


def test_every_figure_is_there_with_words_and_files(cubic: Source, page: Path) -> None:
    images = Page(page).all("img")
    assert len(images) == len(default_figures(cubic))
    for image in images:
        assert image["alt"] and image["src"].startswith("data:image/")
    links = [a["href"] for a in Page(page).all("a") if not a["href"].startswith("#")]
    assert len(links) == 2 * len(images)
    assert all((page.parent / link).is_file() for link in links)


def test_a_page_is_self_contained(page: Path) -> None:
    read = Page(page)
    assert read.foreign() == []
    texts, own = [text for attributes, text in read.scripts if not attributes], read.source
    for text in texts:
        own = own.replace(text, "")
    assert not re.search(r"https?:|//www", re.sub(r'xmlns="[^"]*"', "", own))
    assert not {"link", "iframe", "object"} & {tag for tag, _ in read.elements}
    (policy,) = (m["content"] for m in read.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    digests = [base64.b64encode(sha256(text.encode()).digest()).decode() for text in texts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    assert policy == f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src {allowed}"
    assert not [a for _, attrs in read.elements for a in attrs if a.startswith("on")]


def test_the_library_is_the_one_that_is_said() -> None:
    said = (FOLDER / "plotly/README.md").read_text()
    bundle = (FOLDER / module.LIBRARY).read_bytes()
    (version,) = re.findall(rb"plotly.js \(cartesian - minified\) v([\d.]+)", bundle)
    assert f"plotly.js-cartesian-dist-min@{version.decode()}" in said and sha256(bundle).hexdigest() in said


def test_formula_numbers_and_origin_are_told(cubic: Source, page: Path) -> None:
    read = Page(page)
    assert "".join(read.texts["mi"]).startswith("gxyxxyy") and read.all("math")[0]["display"] == "block"
    cells = read.texts["td"]
    for told in ("x² y", "14", "2", "fine", "nested", "xla", "256", "float64", "node-1", "1.235", "0.10.2"):
        assert told in cells
    assert cubic.root.attrs["fingerprint"] in read.texts["code"]
    assert any('"name": "cubic"' in text for text in read.texts["pre"])
    assert any("lambda" in text for text in read.texts["pre"])


def test_sampled_errors_have_a_row_for_each_degree(page: Path) -> None:
    read = Page(page)
    assert read.texts["td"].count("map") == 4 and read.texts["td"].count("points") == 4
    assert read.texts["td"].count("120") == 4
    assert any("no bounds" in text for text in read.texts["p"])


def test_what_explains_a_change_is_told_in_numbers(cubic: Source, tmp_path: Path) -> None:
    """From (1, 2) to (4.2, 3.7): by degree, then by term with the largest first, which is g_y δy = 14 · 1.7."""
    request = {"kind": "explain", "evaluation": "points", "point": 2, "largest": 2}
    read = Page(write_page(cubic, tmp_path, figures=[request]))
    captions = read.texts["caption"]
    assert "Change explained (points, point 2)" in captions and "Its terms (points, point 2)" in captions
    cells = read.texts["td"]
    assert cells[cells.index("23.8") - 2 : cells.index("23.8") + 1] == ["y", "1", "23.8"]
    assert "% of the change" in read.texts["th"]
    shares = [cell["data-value"] for cell in read.all("td") if cell.get("data-value", "").startswith("100.0")]
    assert [float(share) for share in shares] == [pytest.approx(100)]  # at degree 0, copied as a number
    for told in ("86.373", "43", "38.46", "4.913", "100"):  # g − 13; of degree 1, 2, 3; and the share at degree 0
        assert told in cells or any(told in text for text in read.texts["p"]), told


def test_what_is_no_number_is_copied_as_an_empty_cell() -> None:
    assert [written(value).exact for value in (None, np.nan, np.float32("nan"), 0.5, 3)] == ["", "", "", "0.5", "3"]


def test_figures_asked_for_by_the_spec_are_the_ones_shown(cubic: Source, tmp_path: Path) -> None:
    spec = {"report": {"figures": [{"kind": "surface", "evaluation": "map", "degree": 1}]}}
    root = cubic.root.assign_attrs(spec=spec)
    write_page(dataclasses.replace(cubic, root=root), tmp_path)
    assert [p.name for p in sorted((tmp_path / "figures").iterdir())] == ["01-surface.png", "01-surface.svg"]


def test_figures_of_an_earlier_page_go_away(cubic: Source, tmp_path: Path) -> None:
    for kind in ("surface", "convergence"):
        write_page(cubic, tmp_path, figures=[{"kind": kind}])
    assert [p.name for p in sorted((tmp_path / "figures").iterdir())] == ["01-convergence.png", "01-convergence.svg"]


def test_no_figures_may_be_asked_for(cubic: Source, tmp_path: Path) -> None:
    assert Page(write_page(cubic, tmp_path, figures=[])).all("img") == []


def test_a_bad_request_writes_nothing(cubic: Source, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="degree = 9"):
        write_page(cubic, tmp_path, figures=[{"kind": "convergence"}, {"kind": "surface", "degree": 9}])
    assert list(tmp_path.iterdir()) == []


def test_large_svg_gives_way_to_png(cubic: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit, kind in ((10**9, "svg+xml"), (1, "png")):
        monkeypatch.setattr(module, "LARGEST_SVG", limit)
        (image,) = Page(write_page(cubic, tmp_path, figures=[{"kind": "convergence"}])).all("img")
        head, _, data = image["src"].partition(",")
        suffix = kind.partition("+")[0]
        assert head == f"data:image/{kind};base64"
        assert base64.b64decode(data) == (tmp_path / "figures" / f"01-convergence.{suffix}").read_bytes()


def test_a_page_too_large_for_an_explorer_has_none(
    cubic: Source, page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "explore" in [section.get("id") for section in Page(page).all("section")]
    monkeypatch.setattr(module, "LARGEST_PAGE", 1_000_000)
    read = Page(write_page(cubic, tmp_path, figures=[]))
    assert read.all("section") == [] and len(read.scripts) == len(module.PLAIN)
    assert len(read.source) < 100_000


@pytest.mark.parametrize(
    ("room", "sizes"),
    [
        (120, (90, 10, 20)),
        (119, (30, 10, 70)),
        (109, (30, 10, 20)),
        (60, (30, 10, 20)),
        (59, (30, 10, 0)),
        (29, (0, 10, 0)),
        (9, (0, 0, 0)),
    ],
)
def test_the_first_pictures_stay_whole_and_the_last_give_way(
    room: int, sizes: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three that take 90, 10 and 70 characters, or 30, 15 and 20 smaller: the second is best left as it is."""
    monkeypatch.setattr(pictures, "shrunk", lambda path, *_, **__: path)
    monkeypatch.setattr(pictures, "data", lambda path: "s" * int(path.name))
    whole = ["w" * n for n in (90, 10, 70)]
    found = pictures.fitted(whole, [Path(n) for n in ("30", "15", "20")], room + 3 * pictures.NOTED)
    assert tuple(len(shown) for shown, _ in found) == sizes
    said = {90: "", 10: "", 70: "", 30: pictures.SMALLER, 20: pictures.SMALLER, 0: pictures.BESIDE}
    assert [note for _, note in found] == [said[size] for size in sizes]
    assert max(map(len, said.values())) < pictures.NOTED


def test_a_page_keeps_to_its_limit_with_smaller_pictures(
    cubic: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_SVG", 0)
    monkeypatch.setattr(module, "explorer", lambda source: None)
    requests = [{"kind": "convergence", "evaluation": name} for name in ("map", "points")]
    whole = Page(write_page(cubic, tmp_path, figures=requests))
    small = len(data(shrunk(tmp_path / "figures/01-convergence.png", pictures.SMALL, palette=True)))
    full, words = ([str(image[key]) for image in whole.all("img")] for key in ("src", "alt"))
    assert small < len(full[0]) / 2
    limit = len(whole.source) - sum(map(len, full)) + 2 * pictures.NOTED + small
    monkeypatch.setattr(module, "LARGEST_PAGE", limit)
    read = Page(write_page(cubic, tmp_path, figures=requests))
    assert len(read.source) <= limit
    assert [len(str(image["src"])) for image in read.all("img")] == [small]
    assert read.texts["figcaption"].index(pictures.SMALLER) < read.texts["figcaption"].index(pictures.BESIDE)
    # What is not shown is told, and both files of each are a click away.
    assert read.all("img")[0]["alt"] == words[0] and words[1] in read.texts["figcaption"]
    assert len([a for a in read.all("a") if str(a["href"]).startswith("figures/")]) == 4


def test_pictures_are_told_in_words(page: Path) -> None:
    alts = {image["alt"].partition(".")[0]: image["alt"] for image in Page(page).all("img")}
    (convergence,) = (a for a in alts.values() if a.startswith("The sampled error against the degree (evaluation map)"))
    assert "maximum (187, " in convergence and "degree k from −0.15 to 3.15" in convergence
    (errors,) = (a for a in alts.values() if a.startswith("The error |f − Tₖ|, degree by degree (evaluation map)"))
    assert "4 panels: |g − T₀|, sampled max 1.9·10²; " in errors and "x from −5" in errors
    assert not any(sign in alt for alt in alts.values() for sign in "$\\{}")


def test_strangers_words_stay_words(tmp_path: Path) -> None:
    made = synthetic.waves(2)
    function = dict.fromkeys(made.root.attrs["function"], ATTACK)
    hostile = {
        "name": ATTACK,
        "title": ATTACK,
        "description": ATTACK,
        "function": function,
        "method": {"name": ATTACK},
        "spec": {ATTACK: ATTACK},
        "fingerprint": ATTACK,
        "platform": {"list": [ATTACK]},
    }
    root = made.root.assign_attrs(hostile)
    evaluations = {f'"{ATTACK}': made.evaluations["near"].assign_attrs(hostile)}
    read = Page(write_page(Source(root, evaluations, {ATTACK: ATTACK}), tmp_path))
    assert "alert(1)" in read.source and read.foreign() == []
    assert ATTACK in read.texts["h1"] and read.texts["title"] == [ATTACK]
    assert sorted(p.suffix for p in (tmp_path / "figures").iterdir())


def test_many_terms_are_cut_and_said(tmp_path: Path) -> None:
    made = synthetic.waves(2)
    order, x = 80, np.array([0.0])
    root = synthetic.grid(made.root.attrs, {"x": x}, order, lambda a, x: np.cos(x))
    read = Page(write_page(Source(root), tmp_path, figures=[]))
    assert any("first 70 of 81" in text for text in read.texts["p"])


def test_flags_are_counted(tmp_path: Path) -> None:
    made = synthetic.ramp(2, 8)
    status = made.root.status.copy(data=np.array([0, 0, 1, 3, 2, 4, 8, 255], np.uint8))
    read = Page(write_page(Source(made.root.assign(status=status)), tmp_path, figures=[]))
    cells = read.texts["td"]
    told = {name: cells[cells.index(name) + 1] for name in ("fine", "not finite", "at a kink", "never computed")}
    assert told == {"fine": "2", "not finite": "2", "at a kink": "2", "never computed": "1"}


def test_other_kinds_show_their_arrays(tmp_path: Path) -> None:
    read = Page(write_page(synthetic.other(), tmp_path, figures=[]))
    assert "By order" in read.texts["caption"]
    assert [c for c in ("15", "0.5", "–") if c not in read.texts["td"]] == []


def test_a_page_is_the_same_each_time(cubic: Source, page: Path, tmp_path: Path) -> None:
    assert write_page(cubic, tmp_path).read_bytes() == page.read_bytes()


ANYTHING = {
    "nothing finite": lambda values: values * np.nan,
    "infinite": lambda values: values * 0 + np.inf,
    "at the end of floats": lambda values: np.where(np.arange(values.size).reshape(values.shape) % 2, 1.7e308, -1e308),
}


@pytest.mark.filterwarnings("ignore:.* encountered in:RuntimeWarning")
@pytest.mark.parametrize("change", ANYTHING.values(), ids=ANYTHING)
def test_no_values_lose_the_page(change: Callable[[np.ndarray], np.ndarray], tmp_path: Path) -> None:
    """What can be drawn is; of the rest the page says that it is not, in the order of the requests, and writes no
    file."""
    made = synthetic.waves(2)
    datasets = [
        d.assign({n: d[n].copy(data=change(d[n].values)) for n in d.data_vars if d[n].dtype.kind == "f"})
        for d in (made.root, *made.evaluations.values())
    ]
    source = Source(datasets[0], dict(zip(made.evaluations, datasets[1:], strict=True)))
    kinds = ("explain", "approximations", "error_against_distance", "terms", "trust_share")
    read = Page(write_page(source, tmp_path, figures=[{"kind": kind} for kind in kinds]))
    told = [text for text in read.texts["figcaption"] if "Not drawn: " in text]
    assert "Not drawn: point = 0: a term, or f there, is not finite; choose another point or centre." in told
    assert len(told) + len(read.all("img")) == len(kinds) == len(read.all("figure"))
    assert len(list((tmp_path / "figures").glob("*.png"))) == len(read.all("img"))
    assert not any(caption.startswith("Change explained") for caption in read.texts["caption"])


def test_a_fault_of_ours_is_not_blamed_on_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("a fault")

    monkeypatch.setattr(module, "draw", broken)
    with pytest.raises(ValueError, match="a fault"):
        write_page(synthetic.waves(2), tmp_path, figures=[{"kind": "convergence"}])
    assert list(tmp_path.iterdir()) == []
