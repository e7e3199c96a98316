"""The Greeks that a run of data/specs/option-risk.toml stores, by their names, against Black and Scholes' closed forms.

E. G. Haug, The Complete Guide to Option Pricing Formulas (2nd ed., 2007), chapter 2, with τ = T − t and b = r − q; time
runs forward, so theta, charm, veta and colour are what a day's passing does.
"""

import json
import re
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import xarray as xr
from scipy.special import ndtr

import taylorkit as tk
from taylorkit import multi_index, naming, pages
from taylorkit.functions import DIVIDEND, EXPIRY, RATE, STRIKE
from taylorkit.pipeline import plan
from taylorkit.plotting import Source
from taylorkit.plotting.moves import move
from taylorkit.spec import load
from tests.store.making import run
from tests.words import assert_said, told

ROOT = Path(__file__).parents[1]
SPEC = ROOT / "data" / "specs" / "option-risk.toml"
# In natural units, spot^a volatility^b τ^c ∂^α V, a degree is of the size of its largest term, or of the strike where
# all are small: what is lost there is lost in the difference of two amounts near the strike. Nearest to expiry d₁
# divides the rounding of ln(S/K) by σ √τ = 0.02, and φ(d₁), with Hermite's polynomials before it, makes that some d₁³
# as much.
TOLERANCE = 2**12 * float(np.finfo(np.float64).eps)
# The parts of a change and what is left of it: a sum of 36 numbers.
SUM = 1e-13


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    job, _ = run(SPEC, tmp_path_factory.mktemp("risk"), "report.figures=[]")
    return job.artifact


@pytest.fixture(scope="module")
def source(artifact: Path) -> Source:
    return pages.source(artifact)


@pytest.fixture(scope="module")
def root(artifact: Path) -> xr.Dataset:
    return tk.open(artifact).load()


def closed_forms(s: np.ndarray, v: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]:
    """Every Greek that has a name, from the formulas of the book (parmicharma: by hand from that of charm)."""
    tau, b, k, r, q = EXPIRY - t, RATE - DIVIDEND, STRIKE, RATE, DIVIDEND
    root = np.sqrt(tau)
    d1 = (np.log(s / k) + (b + v**2 / 2) * tau) / (v * root)
    d2 = d1 - v * root
    n, carried = np.exp(-(d1**2) / 2) / np.sqrt(2 * np.pi), np.exp(-q * tau)
    # How d₁ changes with τ, once and twice.
    d1_t = (b + v**2 / 2) / (v * root) - d1 / (2 * tau)
    d1_tt = -(b + v**2 / 2) / (2 * v * root * tau) - d1_t / (2 * tau) + d1 / (2 * tau**2)
    gamma, vega = carried * n / (s * v * root), s * carried * n * root
    volga = vega * d1 * d2 / v
    return {
        "delta": carried * ndtr(d1),
        "vega": vega,
        "theta": -s * carried * n * v / (2 * root) + q * s * carried * ndtr(d1) - r * k * np.exp(-r * tau) * ndtr(d2),
        "gamma": gamma,
        "vanna": -carried * n * d2 / v,
        "charm": carried * (q * ndtr(d1) - n * d1_t),
        "volga": volga,
        "vomma": volga,
        "veta": vega * (q + d1 * d1_t - 1 / (2 * tau)),
        "speed": -gamma / s * (1 + d1 / (v * root)),
        "zomma": gamma * (d1 * d2 - 1) / v,
        "colour": gamma * (q + d1 * d1_t + 1 / (2 * tau)),
        "dvanna_dvol": carried * n / v**2 * (d1 * (1 - d2**2) + d2),
        "parmicharma": carried * (n * (d1_tt - d1 * d1_t**2 - 2 * q * d1_t) + q**2 * ndtr(d1)),
        "ultima": -vega / v**2 * (d1 * d2 * (1 - d1 * d2) + d1**2 + d2**2),
    }


def units(root: xr.Dataset, *x: np.ndarray) -> np.ndarray:
    """spot^a volatility^b τ^c for every term, over points: (P, …)."""
    s, v, t = x
    return np.stack([s**a * v**b * (EXPIRY - t) ** c for a, b, c in root["exponent"].values])


def assert_degrees(root: xr.Dataset, found: np.ndarray, exact: np.ndarray, which: np.ndarray, *x: np.ndarray) -> None:
    """Terms `which` of (P', …), degree by degree in natural units, against the size of the degree at each point."""
    weights, degrees = units(root, *x), root["exponent"].values.sum(axis=1)
    for k in range(root.attrs["order"] + 1):
        size = np.maximum(np.abs(found * weights)[degrees == k].max(axis=0), STRIKE)
        mine = which[degrees[which] == k]
        error = np.abs(found[mine] - exact[degrees[which] == k]) * weights[mine] / size
        assert error.size == 0 or error.max() <= TOLERANCE, (k, error.max())


def test_every_named_greek_over_the_whole_grid(root: xr.Dataset) -> None:
    x = np.meshgrid(root.spot, root.volatility, root.time, indexing="ij")
    exact = closed_forms(*x)
    assert exact.keys() == root.attrs["names"].keys()
    labels = [str(label) for label in root.term.values]
    which = np.array([labels.index(label) for label in root.attrs["names"].values()])
    packed = root.derivatives.values
    assert_degrees(root, packed, np.stack([exact[name] for name in root.attrs["names"]]), which, *x)
    for name in exact:
        stored = root.taylor.derivative(name)
        np.testing.assert_array_equal(stored, packed[labels.index(root.attrs["names"][name])])
    assert root.sizes["spot"] * root.sizes["volatility"] * root.sizes["time"] == packed[0].size >= 21 * 15 * 9


def price(s: mp.mpf, v: mp.mpf, t: mp.mpf) -> mp.mpf:
    tau = EXPIRY - t
    d1 = (mp.log(s / STRIKE) + (mp.mpf(RATE - DIVIDEND) + v**2 / 2) * tau) / (v * mp.sqrt(tau))
    return s * mp.exp(-DIVIDEND * tau) * mp.ncdf(d1) - STRIKE * mp.exp(-RATE * tau) * mp.ncdf(d1 - v * mp.sqrt(tau))


def test_all_terms_to_order_4_against_forty_digits(root: xr.Dataset) -> None:
    """At corners of the grid, at the strike, and where it is nearest to expiry."""
    places = [(0, 0, 0), (40, 32, 24), (20, 8, 0), (20, 0, 24), (13, 20, 12)]
    rows = [[float(root[n][i]) for n, i in zip(("spot", "volatility", "time"), p, strict=True)] for p in places]
    packed = np.stack([root.derivatives.values[(slice(None), *p)] for p in places], axis=-1)
    alphas = multi_index.multi_indices(3, 4).tolist()
    with mp.workdps(40):
        exact = np.array([[float(mp.diff(price, tuple(map(mp.mpf, row)), tuple(a))) for row in rows] for a in alphas])
    assert_degrees(root, packed, exact, np.arange(35), *np.array(rows).T)


def test_the_comparison_can_fail(root: xr.Dataset) -> None:
    """A thousandth of a millionth in one Greek is seen."""
    place = np.array([[100.0], [0.2], [0.0]])
    packed = root.derivatives.sel(spot=100.0, volatility=0.2, time=0.0).values[:, None]
    assert_degrees(root, packed, packed, np.arange(35), *place)
    with pytest.raises(AssertionError):
        assert_degrees(root, packed, packed * (1 + 1e-9), np.arange(35), *place)


def test_signs_are_the_markets(root: xr.Dataset) -> None:
    """A long call at the money loses by the day, gains by volatility, and its gamma grows as expiry comes nearer."""
    at = root.sel(spot=100.0, volatility=0.2, time=0.48).taylor
    assert [np.sign(float(at.derivative(n))) for n in ("delta", "gamma", "vega", "theta", "veta", "colour")] == [
        *(1, 1, 1, -1, -1, 1)
    ]


@pytest.mark.parametrize("name", ["today", "day", "week", "crash", "expiry"])
def test_the_explain_adds_up_to_the_actual_change(source: Source, name: str) -> None:
    made, _ = move(source, name, 0, 0)
    start, end = (closed_price(**place) for place in (made.start, made.end))
    assert made.change == pytest.approx(end - start, abs=SUM * STRIKE)
    for k, left in enumerate(made.unexplained):
        assert made.parts[made.degrees <= k].sum() + left == pytest.approx(made.change, abs=SUM * STRIKE)
    called = dict(zip(made.names, made.parts, strict=True))
    greeks = closed_forms(*(np.array(v) for v in made.start.values()))
    ds, dv, dt = (made.end[v] - made.start[v] for v in made.start)
    assert called["delta"] == pytest.approx(greeks["delta"] * ds, rel=1e-12)
    assert called["gamma"] == pytest.approx(greeks["gamma"] * ds**2 / 2, rel=1e-12)
    assert called["vanna"] == pytest.approx(greeks["vanna"] * ds * dv, rel=1e-10)
    assert called["colour"] == pytest.approx(greeks["colour"] * ds**2 * dt / 2, rel=1e-10)
    assert called["volga, vomma"] == pytest.approx(greeks["volga"] * dv**2 / 2, rel=1e-10)


def closed_price(spot: float, volatility: float, time: float) -> float:
    with mp.workdps(30):
        return float(price(mp.mpf(spot), mp.mpf(volatility), mp.mpf(time)))


def test_what_the_page_says_of_the_moves_is_so(source: Source) -> None:
    """Each degree explains more of a day and of a week; a crash is beyond the series."""
    left = {name: np.abs(move(source, name, 0, 0)[0].unexplained) for name in ("day", "week", "crash")}
    assert (np.diff(left["day"]) < 0).all() and left["day"][-1] < 1e-6
    assert (np.diff(left["week"]) < 0).all() and 0.01 < left["week"][-1] < 0.03
    assert (np.diff(left["crash"])[1:] > 0).all() and left["crash"][-1] > left["crash"][0]


def left(source: Source, name: str) -> np.ndarray:
    """What each degree leaves of a move's change, in parts of it."""
    made, _ = move(source, name, 0, 0)
    return np.abs(made.unexplained / made.change)


def test_the_numbers_that_the_page_says_of_the_moves_are_so(source: Source) -> None:
    words = told(SPEC)
    for name in ("day", "week", "crash"):
        made, _ = move(source, name, 0, 0)
        by = {v: made.end[v] - made.start[v] for v in made.start}
        pattern = rf"\*\*{name}\*\* \(spot −([\d.]+), volatility \+(\d+) points?\)"
        assert_said(words, pattern, -by["spot"], 100 * by["volatility"])
    day, week, expiry = (left(source, name) for name in ("day", "week", "expiry"))
    cents = 100 * abs(move(source, "day", 0, 0)[0].unexplained[2])
    assert_said(
        words, r"first two degrees leave ([\d.]+) % of the change, less than ([\d.]+) cents", 100 * day[2], cents
    )
    assert cents < 0.1
    assert_said(words, r"(\d+) % are left by two degrees, ([\d.]+) % by four", 100 * week[2], 100 * week[4])
    assert_said(words, r"four still leave (\d+) %\.", 100 * expiry[4])
    factors = week[:-1] / week[1:]
    assert_said(words, r"by a factor of ([\d.]+) to ([\d.]+)\.", factors.min(), factors.max())


def test_the_numbers_that_the_page_says_of_expiry_are_so(source: Source) -> None:
    words, (made, _), (week, _) = told(SPEC), move(source, "expiry", 0, 0), move(source, "week", 0, 0)
    steps = [{v: one.end[v] - one.start[v] for v in one.start} for one in (made, week)]
    assert steps[0] == pytest.approx(steps[1])
    wide = made.start["spot"] * made.start["volatility"] * np.sqrt(EXPIRY - made.start["time"])
    assert_said(words, r"\\sqrt\{T-t\} \\approx (\d+)\$, and the move is twice that", wide)
    assert -steps[0]["spot"] == pytest.approx(2 * wide)
    parts = dict(zip(made.names, made.parts, strict=True))
    off = abs(1 - sum(parts[name] for name in ("delta", "gamma", "vega", "theta")) / made.change)
    assert_said(words, r"would be off by (\d+) % of the change", 100 * off)


def test_the_numbers_that_the_page_says_of_names_and_rates_are_so(root: xr.Dataset) -> None:
    words, named = told(SPEC), set(root.attrs["names"].values())
    assert_said(words, r"artifact at ([\d,]+) of them", root.status.size)
    assert_said(words, r"names for (\d+) of the (\d+) derivatives", len(named), root.sizes["term"] - 1)
    assert_said(words, r"takes part, (\d+) of them", root.sizes["term"] - 1)
    assert len(root.attrs["names"]) == len(named) + 1
    labels = [str(label) for label in root.term.values]
    degrees = root.exponent.values.sum(axis=1)
    assert_said(words, r"all of degree (\d) or less", max(degrees[labels.index(label)] for label in named))
    assert_said(words, r"constant rates \((\d) %, dividends (\d) %\)", 100 * RATE, 100 * DIVIDEND)


def test_the_move_of_the_day_is_the_runs_and_no_words_quote_it(artifact: Path) -> None:
    """As docs/scheduling.md asks for it: nothing else is computed, and the artifact without it stays as it is."""
    (asked,) = re.findall(
        r"option-risk' \\\n\s+--param overrides='(.+)'", (ROOT / "docs" / "scheduling.md").read_text()
    )
    named, today = json.loads(asked)
    assert (named, today.partition("=")[0]) == ("name=desk", "evaluations.today.points")
    before = move(pages.source(artifact), "today", 0, 0)[0]
    assert before.end == move(pages.source(artifact), "day", 0, 0)[0].end
    job, computed = run(SPEC, artifact.parent, "report.figures=[]", today)
    assert job.artifact != artifact and {key.split("/")[1] for key in computed} == {"today"}
    source = pages.source(job.artifact)
    after = move(source, "today", 0, 0)[0]
    assert list(after.end.values()) == [97.2, 0.24, 0.004]
    assert move(source, "day", 0, 0)[0].end == before.end
    assert run(SPEC, artifact.parent, "report.figures=[]")[0].artifact == artifact
    assert move(pages.source(artifact), "today", 0, 0)[0].end == before.end
    for figure in load(SPEC).report.figures or ():
        assert figure.get("evaluation") != "today" or not re.search(r"\d", figure["words"])
    (sentence,) = re.findall(r"\*\*today\*\*[^.]*\.", told(SPEC))
    assert not re.search(r"\d", sentence)


def test_a_name_keeps_the_move_of_the_day_from_other_runs(artifact: Path) -> None:
    assert plan(SPEC, ["name=desk"], artifact.parent).artifact.name.startswith("desk-")


def test_names_are_in_no_fingerprint(artifact: Path) -> None:
    job, computed = run(SPEC, artifact.parent, "report.figures=[]", "names={slope='spot'}")
    assert job.artifact != artifact and computed == {}
    assert naming.of(tk.open(job.artifact).attrs) == {"slope": "spot"}
