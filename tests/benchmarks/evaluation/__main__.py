"""`python -m tests.benchmarks.evaluation [--quick]` prints the tables."""

import argparse

from tests.benchmarks.evaluation import markdown, measure

parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.evaluation", description="Atlas and stencils.")
parser.add_argument("--quick", action="store_true", help="fewer points and rounds, a coarser tolerance")
print(markdown(measure(parser.parse_args().quick)))
