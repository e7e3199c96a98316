"""`python -m tests.benchmarks.pipeline`: measure, print the tables; with --into keep rows, tables and plots there."""

import argparse
import json
from pathlib import Path

from tests.benchmarks.pipeline import draw, markdown, measure
from tests.benchmarks.pipeline.suites import SUITES


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pipeline", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few points and rounds: does it run?")
    parser.add_argument("--only", choices=SUITES, help="one suite alone")
    parser.add_argument("--disk", type=Path, metavar="FOLDER", help="write there (default: the current folder's disk)")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="keep rows, tables and plots there")
    asked = parser.parse_args()
    rows = measure(asked.quick, asked.only, asked.disk)
    print(markdown(rows))
    if asked.into:
        asked.into.mkdir(parents=True, exist_ok=True)
        (asked.into / "pipeline.json").write_text("\n".join(json.dumps(row) for row in rows) + "\n")
        (asked.into / "pipeline.md").write_text(markdown(rows))
        print(*draw(rows, asked.into), sep="\n")


if __name__ == "__main__":
    main()
