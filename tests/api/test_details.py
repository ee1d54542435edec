"""The details of problems are sentences: they are shown as they are, and an identifier is never capitalised."""

from __future__ import annotations

import ast
from pathlib import Path

from chalicelib.domain import problems

PRODUCT = Path(__file__).parents[2] / "chalicelib"
PROBLEMS = {
    name for name, kind in vars(problems).items() if isinstance(kind, type) and issubclass(kind, problems.Problem)
}


def literal_beginnings():
    """Where a problem is made with a literal detail, and how that begins."""
    for path in sorted(PRODUCT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in PROBLEMS
                and node.args
            ):
                continue
            detail = node.args[0]
            first = detail.values[0] if isinstance(detail, ast.JoinedStr) else detail
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield f"{path.relative_to(PRODUCT)}:{node.lineno}", first.value


def test_details_begin_with_a_capital_letter_or_with_a_name():
    beginnings = dict(literal_beginnings())
    assert len(beginnings) > 20
    assert {where: text for where, text in beginnings.items() if text[:1].islower()} == {}
