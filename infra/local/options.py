"""The options of `python -m infra.local`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Options(NamedTuple):
    """What a person may choose."""

    port: int
    state_dir: Path
    demo: bool
    clock: str


def parse(arguments: Sequence[str]) -> Options:
    """The options; prints what is wrong and exits with 2 otherwise."""
    parser = argparse.ArgumentParser(
        prog='make up ARGS="..."',
        description="KintoBlocks on this machine: an embedded AWS that really runs the jobs.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=_port, default=8000, help="port of the API; 0 for any free one")
    parser.add_argument("--state-dir", type=Path, default=Path(".kinto"), help="where everything is kept")
    parser.add_argument("--no-demo", action="store_true", help="do not make and deploy the demo project")
    parser.add_argument("--clock", choices=["real", "manual"], default="real", help="manual: moved over HTTP only")
    chosen = parser.parse_args(arguments)
    return Options(chosen.port, chosen.state_dir, not chosen.no_demo, chosen.clock)


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port; use a number from 0 to 65535")
    return port
