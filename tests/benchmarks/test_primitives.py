"""The table of primitives says what the registry says."""

from pathlib import Path

import jax

from taylorkit.inspection.rules import ORDER, WORDS, kind
from taylorkit.series.kinds import KINDS
from taylorkit.series.registry import RULES
from tests.benchmarks import primitives

AGAIN = "run python -m tests.benchmarks.primitives"


def test_the_page_is_what_is_generated() -> None:
    """With another JAX, the primitives that both have; what jet serves is JAX's business."""
    written, found = primitives.read(), primitives.rows()
    ours = {name: row[1] for name, row in written.items() if name in found}
    assert ours == {name: found[name][1] for name in ours}, AGAIN
    assert len(ours) > 150
    if f"as of JAX {jax.__version__}:" in primitives.PATH.read_text():
        assert primitives.PATH.read_text() == primitives.document(), AGAIN


def test_every_kind_has_its_words() -> None:
    assert {rule.kind for rule in RULES.values()} <= KINDS.keys() <= WORDS.keys()
    assert primitives.MEANING.keys() == set(ORDER)


def test_some_rows() -> None:
    found = primitives.rows()
    assert found["exp"] == ("yes", "recurrence") and found["tan"] == ("–", "recurrence")
    assert found["floor"][1] == "step" and found["dot_general"][1] == "bilinear"
    assert found["lgamma"] == ("–", "from its JVP") and found["pure_callback"] == ("–", "none")
    assert kind("a primitive of tomorrow") == "from its JVP"


def test_nothing_but_the_benchmark_stands_on_experimental_jax() -> None:
    product = [path for folder in ("taylorkit", "tasks", "flows") for path in Path(folder).rglob("*.py")]
    assert len(product) > 100
    # These have no other place yet.
    allowed = ("jax.experimental import pallas", "jax.experimental.pallas", "jax.experimental.compilation_cache")
    texts = {path: path.read_text() for path in product}
    for name in allowed:
        texts = {path: text.replace(name, "") for path, text in texts.items()}
    assert not [path for path, text in texts.items() if "jax.experimental" in text or "jax._src" in text]
