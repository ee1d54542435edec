"""moto reads a state machine's definition anew for each execution, which takes longer than most executions."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

_MOST = 50
_stock = AmazonStateLanguageParser.parse
_trees: dict[str, Any] = {}


def apply() -> None:
    AmazonStateLanguageParser.parse = staticmethod(_parse)


def _parse(definition: str) -> tuple[Any, Any]:
    """The states of a program hold what they are doing, so they are made each time; the parsed text is not."""
    if definition in _trees:
        return Preprocessor().visit(_trees[definition]), _trees[definition]
    program, tree = _stock(definition)
    if len(_trees) >= _MOST:
        _trees.clear()
    _trees[definition] = tree
    return program, tree
