"""`doctor`, `serve` and `completion`: what has to do with the machine and not with one artifact."""

import argparse
import os
import sys
from dataclasses import asdict
from importlib.util import find_spec
from typing import NoReturn

from taylorkit.cli.answer import Answer
from taylorkit.errors import TaylorkitError


def doctor(options: argparse.Namespace) -> Answer:
    from taylorkit import doctor

    examined = doctor.examine(options.store, options.home)
    return Answer(examined.as_text(), asdict(examined), status=int(bool(examined.findings)))


def serve(options: argparse.Namespace) -> NoReturn:
    """Become the process that serves: signals are then its own."""
    if find_spec("prefect") is None or find_spec("psutil") is None:
        raise TaylorkitError("serve needs Prefect, which is not installed; pip install 'taylorkit[flows]'")
    if find_spec("flows") is None:
        raise TaylorkitError("serve needs the flows, which lie beside the package; run it from a checkout (make setup)")
    os.execv(sys.executable, [sys.executable, "-m", "flows.serve", *options.words])


def completion(options: argparse.Namespace) -> Answer:
    from taylorkit.cli.completion import script

    return Answer(script(options.shell), {})
