"""The two laws of the layout (arrows point inward; time, ids, settings come in as arguments) and the house numbers."""

from __future__ import annotations

import ast
import functools
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST_MODULE, LONGEST_FUNCTION = 300, 40
NOT_A_THING = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "services", "misc"}

# Who may import what of ours; the longest prefix that fits a module is its row.
ARROWS = {
    "app": ("chalicelib",),
    "chalicelib.domain": ("chalicelib.domain",),
    "chalicelib.settings": (),
    "chalicelib.clock": (),
    "chalicelib.logs": ("chalicelib.clock",),
    "chalicelib.metrics": ("chalicelib.logs", "chalicelib.domain"),
    "chalicelib.call": ("chalicelib.settings",),
    "chalicelib.edge": (
        *("chalicelib.call", "chalicelib.clock", "chalicelib.settings", "chalicelib.logs", "chalicelib.metrics"),
        *("chalicelib.aws.clients", "chalicelib.aws.patience", "chalicelib.store.table", "chalicelib.domain.actors"),
    ),
    "chalicelib.store": ("chalicelib.store", "chalicelib.domain"),
    "chalicelib.aws": ("chalicelib.aws", "chalicelib.domain", "chalicelib.settings"),
    "chalicelib.sources": ("chalicelib.sources", "chalicelib.domain"),
    "chalicelib.actions": (
        *("chalicelib.actions", "chalicelib.store", "chalicelib.aws", "chalicelib.sources", "chalicelib.domain"),
        *("chalicelib.call", "chalicelib.logs", "chalicelib.metrics"),
    ),
    "chalicelib.api": (
        *("chalicelib.api", "chalicelib.actions", "chalicelib.store", "chalicelib.domain"),
        *("chalicelib.call", "chalicelib.settings", "chalicelib.logs", "chalicelib.metrics"),
    ),
    # The document of the API is made from the whole application, when it is asked for.
    "chalicelib.api.meta": ("chalicelib.api", "app"),
    "chalicelib.handlers": ("chalicelib.actions", "chalicelib.edge"),
    "infra.runner": ("infra.runner",),
    "infra.template": ("infra.runner",),
    # The types of the API that the console is checked with.
    "infra.console": ("infra.console", "app", "chalicelib.api"),
    "infra.package": ("infra.template",),
    "infra.local": ("infra", "app", "chalicelib.handlers"),
    "infra.operate": ("infra.operate", "infra.package", "infra.template"),
    "infra.operate.api": ("infra.operate", "infra.pipeline"),
    # What the API would say of each part of a document, before any of it is sent.
    "infra.operate.document": ("infra.operate", "chalicelib.api", "chalicelib.domain"),
    "infra.pipeline": (),
}
OURS = ("app", "chalicelib", "infra")

# What the domain may use beside itself; nothing here lets the world in but the zone tables.
PURE = {
    *("__future__", "bisect", "calendar", "collections", "copy", "datetime", "difflib", "enum", "fractions"),
    *("functools", "hashlib"),
    *("heapq", "hmac", "itertools", "math", "re", "typing", "unicodedata", "urllib.parse", "zoneinfo", "msgspec"),
}
PURE_IN = {
    "chalicelib.domain.cron.occurrences": ["croniter"],
    "chalicelib.domain.cron.advice.zones": ["tzlocal.windows_tz"],  # CLDR's names of Windows, a table
    "chalicelib.domain.timezones": ["importlib.resources"],  # tzdata's tables, the same on every machine
}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb"}


def modules(*tops):
    paths = [ROOT / "app.py", *sorted(ROOT.glob("chalicelib/**/*.py")), *sorted(ROOT.glob("infra/**/*.py"))]
    found = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path for path in paths}
    named = {name.removesuffix(".__init__"): path for name, path in found.items()}
    return {name: path for name, path in named.items() if not tops or under(name, tops)}


def under(name, tops):
    return any(name == top or name.startswith(f"{top}.") for top in tops)


@functools.cache
def tree(path):
    return ast.parse(path.read_text(), str(path))


def imported(node):
    """The dotted names that one statement imports; `from a import b` tells a.b, which may be a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports say the whole name"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        return [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    return []


@functools.cache
def imports(path):
    return [name for node in ast.walk(tree(path)) for name in imported(node)]


def row(module):
    return ARROWS[max((prefix for prefix in ARROWS if under(module, [prefix])), key=len)]


def test_there_are_modules_of_every_layer():
    assert all(modules(prefix) for prefix in ARROWS)


def test_arrows_point_inward():
    wrong = [
        f"{module} imports {name}"
        for module, path in modules("app", "chalicelib", "infra").items()
        if module not in ("chalicelib", "infra")
        for name in imports(path)
        if under(name, OURS) and not under(name, row(module))
    ]
    assert wrong == []


def test_the_domain_imports_nothing_that_lets_the_world_in():
    wrong = [
        f"{module} imports {name}"
        for module, path in modules("chalicelib.domain").items()
        for name in imports(path)
        if not under(name, [*PURE, *PURE_IN.get(module, []), "chalicelib.domain"])
    ]
    assert wrong == []


def test_croniter_is_asked_in_one_module():
    assert [name for name, path in modules().items() if any(under(i, ["croniter"]) for i in imports(path))] == [
        "chalicelib.domain.cron.occurrences"
    ]


def test_tables_are_read_and_written_in_the_store_alone():
    wrong = [
        module
        for module, path in modules("chalicelib").items()
        if any(under(name, ["pynamodb"]) for name in imports(path)) and not under(module, ["chalicelib.store"])
    ]
    assert wrong == []


def test_clients_of_aws_are_made_in_one_module():
    wrong = [
        module
        for module, path in modules("chalicelib", "app").items()
        if any(under(name, ["boto3", "botocore.session"]) for name in imports(path))
    ]
    assert wrong == ["chalicelib.aws.clients"]


def test_the_product_knows_nothing_of_the_laptop():
    wrong = [
        f"{module} imports {name}"
        for module, path in modules("chalicelib", "app").items()
        for name in imports(path)
        if under(name, ["infra", "moto", "tests", "waitress", "werkzeug"])
    ]
    assert wrong == []


def test_what_runs_elsewhere_needs_the_standard_library_alone():
    wrong = [
        f"{module} imports {name}"
        for module, path in modules("infra.runner", "infra.pipeline").items()
        for name in imports(path)
        if name.split(".")[0] not in {*sys.stdlib_module_names, "infra"}
    ]
    assert wrong == []


def dotted(node):
    """(base, attribute) of `base.attribute` and `x.base.attribute`."""
    base = node.value
    if isinstance(base, ast.Name):
        return base.id, node.attr
    return (base.attr, node.attr) if isinstance(base, ast.Attribute) else ("", node.attr)


def test_the_clock_is_read_in_one_module():
    """And where ids come from, which sort by the machine's time even while a clock set by hand stands still; and
    where AWS is not asked faster than it allows, or a write waits before it is tried again."""
    reading = {
        module
        for module, path in modules("chalicelib", "app").items()
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and dotted(node) in CLOCKS)
        or any(under(name, ["time"]) for name in imported(node))
    }
    assert reading == {
        *("chalicelib.clock", "chalicelib.api.idempotency", "chalicelib.aws.pace", "chalicelib.store.retries"),
    }


def test_the_environment_is_read_in_one_module():
    reading = {
        module
        for module, path in modules("chalicelib", "app").items()
        for node in ast.walk(tree(path))
        if any(under(name, ["os"]) for name in imported(node))
        or (isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT)
    }
    assert reading == {"chalicelib.edge"}


def test_ids_are_made_at_the_edges():
    """The secret of a token, the stamp of a write and the jitter of a wait are no ids: they are made where used."""
    making = {
        module
        for module, path in modules("chalicelib", "app").items()
        if any(under(name, ["uuid", "random", "secrets"]) for name in imports(path))
    }
    assert making == {
        *("chalicelib.edge", "chalicelib.api.idempotency", "chalicelib.api.exchange", "chalicelib.actions.tokens"),
        *("chalicelib.store.table", "chalicelib.store.retries"),
    }


def test_actions_and_store_get_the_present_moment_as_an_argument():
    wrong = [
        f"{module} imports {name}"
        for module, path in modules("chalicelib.actions", "chalicelib.store", "chalicelib.aws").items()
        for name in imports(path)
        if under(name, ["chalicelib.clock", "chalicelib.edge"])
    ]
    assert wrong == []


def test_modules_are_short():
    lengths = {name: len(path.read_text().splitlines()) for name, path in modules().items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_functions_are_short():
    long = {
        f"{name}.{node.name}": node.end_lineno - node.lineno + 1
        for name, path in modules().items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert long == {}


def test_every_module_says_in_a_sentence_what_it_is():
    silent = [
        name
        for name, path in modules().items()
        if path.read_text().strip() and not (ast.get_docstring(tree(path)) or "").rstrip().endswith((".", ")"))
    ]
    assert silent == []


def test_files_are_named_after_the_thing_in_them():
    assert [name for name in modules() if NOT_A_THING & set(name.split("."))] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from datetime import datetime\ndatetime.now()", True),
        ("import datetime\ndatetime.datetime.utcnow()", True),
        ("import time\ntime.sleep(1)", True),
        ("from datetime import datetime\ndatetime.fromisoformat('x')", False),
    ],
)
def test_the_look_for_clocks_finds_them(text, found):
    nodes = list(ast.walk(ast.parse(text)))
    told = any(isinstance(node, ast.Attribute) and dotted(node) in CLOCKS for node in nodes)
    assert (told or any(under(name, ["time"]) for node in nodes for name in imported(node))) is found
